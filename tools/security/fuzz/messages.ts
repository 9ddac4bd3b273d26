import { decodeMessage, encodeMessage, InvalidInput } from '#core';
import { mutated } from './mutated.js';
import { expect, type Target } from './target.js';

const SEEDS = [
  '{"trace_id":"0iNULRtUjwi8DJoz","timestamp":"2025-06-01T11:04:14.250Z","type":"SPEC"}',
  '{"trace_id":"WE7koqi5NvmmlINj","timestamp":"2025-06-01T11:04:14.250Z","type":"SCHEDULER_PROCESS_RESPONSE","data":{"a":[1,null,"x"],"b":{"c":1e3}}}',
  'null',
  '[]',
];
const SPECIAL = [
  '"__proto__":{"a":1},',
  '"data":',
  'null',
  '[',
  '{',
  '}',
  '"',
  '\\u0000',
  '\ud800',
  '1e999',
  '275760-09-13',
  '+275760-09-13T00:00:00.000Z',
  '"2025-02-30"',
  '\0',
  '\ufeff',
  'SPEC',
  '\r\n',
];

/** Reads messages of the bus: a message that reads back as it was written, or a sentence. */
export const messages: Target = {
  name: 'messages',
  inputs: mutated(SEEDS, SPECIAL),
  check(input) {
    let message;
    try {
      message = decodeMessage(input.toString());
    } catch (error) {
      if (error instanceof InvalidInput) return;
      throw error;
    }
    expect(/^[A-Za-z0-9]{16}$/.test(message.traceId), 'a trace id has other characters');
    // From its first writing on: a number that JavaScript cannot hold is none in JSON.
    const text = encodeMessage(message);
    expect(encodeMessage(decodeMessage(text)) === text, 'it does not read back as it was written');
  },
};
