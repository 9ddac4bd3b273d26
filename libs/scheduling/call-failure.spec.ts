import { expect, test } from '@jest/globals';
import { failureOfAnswer, isRepeatable } from './call-failure.js';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');

test.each([
  [200, {}, undefined],
  [404, {}, { reason: null, mayHaveActed: true }],
  [408, {}, { reason: '408', mayHaveActed: true }],
  [425, {}, { reason: '425', mayHaveActed: false }],
  [429, {}, { reason: '429', mayHaveActed: false }],
  [500, {}, { reason: '5xx', mayHaveActed: true }],
  [503, {}, { reason: '5xx', mayHaveActed: true }],
  [503, { 'Retry-After': '7' }, { reason: '5xx', mayHaveActed: false, notBefore: NOW + 7_000 }],
  [503, { 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' }, { mayHaveActed: false, notBefore: NOW + 60_000 }],
  [503, { 'Retry-After': 'soon' }, { mayHaveActed: false, notBefore: undefined }],
  [500, { 'Retry-After': '3' }, { mayHaveActed: true, notBefore: NOW + 3_000 }],
  [429, { RateLimit: '"default";r=0;t=9' }, { notBefore: NOW + 9_000 }],
  [429, { 'RateLimit-Reset': '4' }, { notBefore: NOW + 4_000 }],
  [429, { 'X-RateLimit-Reset': '1.5' }, { notBefore: NOW + 1_500 }],
  [429, { 'X-RateLimit-Reset': String(NOW / 1_000 + 30) }, { notBefore: NOW + 30_000 }],
  [429, { 'X-RateLimit-Reset': String(NOW + 30_000) }, { notBefore: NOW + 30_000 }],
  [429, { 'X-RateLimit-Reset': 'never' }, { notBefore: undefined }],
  [500, { 'X-RateLimit-Reset': '4' }, { notBefore: undefined }],
])('an answer of %d with %j means %j', (status, headers, expected) => {
  const failure = failureOfAnswer({ status, headers: Object.entries<string>(headers) }, NOW);
  if (expected === undefined) expect(failure).toBeUndefined();
  else expect(failure).toMatchObject(expected);
});

test.each([
  ['GET', {}, true],
  ['HEAD', {}, true],
  ['PUT', {}, true],
  ['DELETE', {}, true],
  ['QUERY', {}, true],
  ['POST', {}, false],
  ['PATCH', {}, false],
  ['COPY', {}, false],
  ['POST', { 'idempotency-key': 'a' }, true],
])('a %s with %j may be made twice: %s', (method, headers, may) => {
  expect(isRepeatable({ method, headers: Object.entries<string>(headers) })).toBe(may);
});
