import { describe, expect, it } from '@jest/globals';
import { anAnswer } from '#testing';
import { decodeEntry, encodeEntry } from './entry.js';

describe('a cache entry', () => {
  it('costs little more than its body and its headers', () => {
    expect(encodeEntry(anAnswer(Buffer.alloc(1_000))).length).toBeLessThan(1_100);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['something else', Buffer.from('{"status":200}')],
    ['another version', Buffer.concat([Buffer.from([9]), encodeEntry(anAnswer()).subarray(1)])],
    ['a part of an entry', encodeEntry(anAnswer()).subarray(0, 20)],
  ])('is not read from %s', (_, bytes) => {
    expect(() => decodeEntry(bytes)).toThrow();
  });
});
