import { describe, expect, test } from '@jest/globals';
import type { SchedulerProcess } from '#core';
import { callAttributes } from './trace-call.js';

const SCHEMES = {
  app: { type: 'apiKey', in: 'query', name: 'appid' },
  header: { type: 'apiKey', in: 'header', name: 'q' },
} as const;

function shown(url: string, changes: Partial<SchedulerProcess> = {}) {
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
  return callAttributes(process, { securitySchemes: SCHEMES }, { method: 'GET', url });
}

describe('the address of a call in its span', () => {
  test.each([
    ['is whole where nothing is secret', 'https://h/v1/pets/1?q=a%20b&x', 'https://h/v1/pets/1?q=a%20b&xxxx'],
    [
      'hides what is named like a secret',
      'https://h/a?access_token=s3&q=1&pass%77ord=s3',
      'https://h/a?access_token=xxxx&q=1&pass%77ord=xxxx',
    ],
    ['hides API keys of any name', 'https://h/a?appid=s3&q=1&%61ppid=s3', 'https://h/a?appid=xxxx&q=1&%61ppid=xxxx'],
    ['has no user, password or fragment', 'https://me:s3@h/a?q=1#s3', 'https://h/a?q=1'],
    ['hides a query that is one value', 'https://h/a?%7B%22token%22%3A1%7D', 'https://h/a?xxxx'],
  ])('%s', (_, url, expected) => {
    expect(shown(url)['url.full']).toBe(expected);
  });

  test('is that of the operation where a secret is in the path', () => {
    expect(
      shown('https://h/v1/bots3/x?q=1', { endpoint: '/bot{token}/x', urlParams: { token: 's3' } })['url.full'],
    ).toBe('https://h/bot{token}/x?q=1');
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
