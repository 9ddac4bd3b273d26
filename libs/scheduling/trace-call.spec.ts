import { describe, expect, test } from '@jest/globals';
import type { SchedulerProcess } from '#core';
import { callAttributes } from './trace-call.js';

function shown(url: string, changes: Partial<SchedulerProcess> = {}, shownUrl?: string) {
  const process: SchedulerProcess = {
    traceId: 'bbbbbbbbbbbbbbbb',
    project: 'default',
    kind: 'call',
    specTraceId: null,
    service: 'pets',
    method: 'GET',
    endpoint: '/pets/{id}',
    headers: null,
    queryParams: null,
    urlParams: null,
    reqBody: null,
    status: 'IN_PROGRESS',
    steps: [],
    createdAt: 0,
    updatedAt: 0,
    dueAt: 0,
    attempt: 2,
    ...changes,
  };
  return callAttributes(process, { method: 'GET', url, shownUrl });
}

describe('the address of a call in its span', () => {
  test.each([
    [
      'hides every value of its query',
      'https://h/v1/pets?q=a%20b&token=s3&x',
      'https://h/v1/pets?q=xxxx&token=xxxx&xxxx',
    ],
    ['has no user, password or fragment', 'https://me:s3@h/a?q=1#s3', 'https://h/a?q=xxxx'],
    ['hides a query that is one value', 'https://h/a?%7B%22token%22%3A1%7D', 'https://h/a?xxxx'],
  ])('%s', (_, url, expected) => {
    expect(shown(url)['url.full']).toBe(expected);
  });

  test('has the names of parameters in its path', () => {
    expect(shown('https://h/v1/bots3/x?q=1', {}, 'https://h/v1/bot{token}/x')['url.full']).toBe(
      'https://h/v1/bot{token}/x?q=xxxx',
    );
  });

  test.each([
    ['https://h/a', 'h', 443],
    ['http://127.0.0.1:8080/a', '127.0.0.1', 8080],
    ['http://[::1]/a', '::1', 80],
  ])('%s is told in parts', (url, address, port) => {
    expect(shown(url)).toMatchObject({ 'server.address': address, 'server.port': port });
  });
});

test('a call tells its process, its attempt, and how many calls came before', () => {
  const call = { number: 1, startedAt: 0, endedAt: 1, worker: 'w' };
  expect(shown('https://h/a', { calls: [call] })).toMatchObject({
    'callboard.trace_id': 'bbbbbbbbbbbbbbbb',
    'callboard.service': 'pets',
    'callboard.attempt': 2,
    'http.request.resend_count': 1,
    'url.template': '/pets/{id}',
  });
  expect(shown('https://h/a')).not.toHaveProperty('http.request.resend_count');
});
