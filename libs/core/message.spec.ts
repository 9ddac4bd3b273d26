import { expect, test } from '@jest/globals';
import { InvalidInput } from './errors.js';
import { decodeMessage, encodeMessage } from './message.js';

const traceId = 'WE7koqi5NvmmlINj';

test('a message is written as the contract has it', () => {
  const text = encodeMessage({ traceId, timestamp: Date.parse('2025-06-01T11:04:14.250Z'), type: 'SPEC' });
  expect(text).toBe(`{"trace_id":"${traceId}","timestamp":"2025-06-01T11:04:14.250Z","type":"SPEC"}`);
});

test('a message reads back as it was written, data and all', () => {
  const message = {
    traceId,
    timestamp: 1_700_000_000_123,
    type: 'SCHEDULER_PROCESS_RESPONSE',
    data: { a: [1] },
  } as const;
  expect(decodeMessage(encodeMessage(message))).toEqual(message);
});

const timestamp = '2025-06-01T11:04:14.250Z';
test.each([
  ['{"trace_id"', 'Expected a message in JSON, got a string of 11 characters.'],
  ['null', 'Expected message to be an object, got null.'],
  ['{}', 'Expected trace_id to be 16 characters of [A-Za-z0-9], got nothing.'],
  [
    `{"trace_id":"../../etc/passwd"}`,
    'Expected trace_id to be 16 characters of [A-Za-z0-9], got a string of 16 characters.',
  ],
  [`{"trace_id":"${traceId}","type":"SPEC"}`, 'Expected timestamp to be a date and time, got nothing.'],
  [
    JSON.stringify({ trace_id: traceId, timestamp, type: 'OTHER' }),
    'Expected type to be one of SPEC, SPEC_UPDATE, SPEC_CLIENT_GENERATED, SCHEDULER_PROCESS, SCHEDULER_PROCESS_RESPONSE, got a string of 5 characters.',
  ],
])('%s is refused with a sentence', (text, sentence) => {
  expect(() => decodeMessage(text)).toThrow(sentence);
  expect(() => decodeMessage(text)).toThrow(InvalidInput);
});

test('a trace context travels beside a message, not in it', () => {
  const traceContext = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  const message = { traceId, timestamp: 1_700_000_000_123, type: 'SPEC' } as const;
  expect(encodeMessage({ ...message, traceContext })).toBe(encodeMessage(message));
});
