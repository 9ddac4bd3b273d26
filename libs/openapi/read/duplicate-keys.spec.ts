import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../limits.js';
import { Warnings } from '../warning.js';
import { readDocument } from './read-document.js';

function duplicates(text: string) {
  const warnings = new Warnings();
  readDocument(Buffer.from(text), DEFAULT_LIMITS, warnings);
  return warnings.list.map(({ pointer, line, column }) => `${pointer} ${line}:${column}`);
}

describe('names that stand twice', () => {
  const rows: [text: string, want: string[]][] = [
    ['{"a": 1, "b": {"a": 2, "c": [{"a": 3}, {"a": 4}]}}', []],
    ['{"a": "a\\": b\\"", "b": "x:", "c": ["d", "d"]}', []],
    ['{"a": 1,\n "b": 2,\n "a": 3}', ['/a 3:2']],
    ['{"x": [0, {"p/q": 1, "p\\/q": 2}]}', ['/x/1/p~1q 1:22']],
    ['{"a": {"b": 1}, "a": {"b": 1, "b": 2}}', ['/a 1:17', '/a/b 1:31']],
  ];
  it.each(rows)('of %s are %j', (text, want) => {
    expect(duplicates(text)).toEqual(want);
  });
});
