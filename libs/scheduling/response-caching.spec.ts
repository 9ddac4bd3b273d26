import { expect, test } from '@jest/globals';
import { cacheKey, cacheUse, timeToLiveSeconds } from './response-caching.js';

const secret = Buffer.alloc(32, 1);
const spec = { project: 'default', traceId: 'aaaaaaaaaaaaaaaa', version: 1 };
const request = {
  method: 'GET',
  url: 'http://x/a?b=1',
  headers: [
    ['Accept', '*/*'],
    ['x-key', 'k'],
  ] as [string, string][],
};

test('equal requests share a key, whatever the order and case of their header names', () => {
  const other = {
    ...request,
    headers: [
      ['X-Key', 'k'],
      ['accept', '*/*'],
    ] as [string, string][],
  };
  expect(cacheKey(secret, spec, other)).toBe(cacheKey(secret, spec, request));
});

test.each([
  [
    'another credential',
    spec,
    {
      ...request,
      headers: [
        ['Accept', '*/*'],
        ['x-key', 'K'],
      ] as [string, string][],
    },
  ],
  ['another URL', spec, { ...request, url: 'http://x/a?b=2' }],
  ['another method', spec, { ...request, method: 'HEAD' }],
  ['another version', { ...spec, version: 2 }, request],
  ['another project', { ...spec, project: 'other' }, request],
  ['a body', spec, { ...request, body: Buffer.from('x') }],
])('%s gives another key', (_, otherSpec, otherRequest) => {
  expect(cacheKey(secret, otherSpec, otherRequest)).not.toBe(cacheKey(secret, spec, request));
});

test('another secret gives another key', () => {
  expect(cacheKey(Buffer.alloc(32, 2), spec, request)).not.toBe(cacheKey(secret, spec, request));
});

test.each([
  ['GET', undefined, { read: true, write: true }],
  ['HEAD', 'use', { read: true, write: true }],
  ['GET', 'refresh', { read: false, write: true }],
  ['GET', 'off', { read: false, write: false }],
  ['POST', 'use', { read: false, write: false }],
] as const)('%s with mode %s', (method, mode, use) => {
  expect(cacheUse({ method, cache: mode && { mode } })).toEqual(use);
});

test.each([
  ['nothing said', 200, {}, undefined, 300],
  ['no-store', 200, { 'Cache-Control': 'no-store' }, 60, 0],
  ['no-cache among others', 200, { 'cache-control': 'private, No-Cache' }, undefined, 0],
  ['a shorter max-age', 200, { 'cache-control': 'public, max-age=60' }, undefined, 60],
  ['max-age less age', 200, { 'cache-control': 'max-age=60', age: '20' }, undefined, 40],
  ['a stale answer', 200, { 'cache-control': 'max-age=60', age: '90' }, undefined, 0],
  ['a longer max-age', 200, { 'cache-control': 'max-age=9000' }, undefined, 300],
  ['a malformed max-age', 200, { 'cache-control': 'max-age=soon' }, undefined, 0],
  ['the process says how long', 200, { 'cache-control': 'max-age=60' }, 900, 900],
  ['vary by everything', 200, { vary: '*' }, undefined, 0],
  ['not a 2xx', 404, {}, 60, 0],
  ['a redirect', 301, {}, undefined, 0],
])('%s', (_, status, headers, asked, seconds) => {
  expect(timeToLiveSeconds({ status, headers: Object.entries(headers) }, asked, 300)).toBe(seconds);
});
