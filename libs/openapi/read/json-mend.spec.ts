import { describe, expect, it } from '@jest/globals';
import { applyMends, scanJson } from './json-mend.js';

describe('scanJson', () => {
  it.each(['{}', '[]', ' {"a": [1, -2.5e3, true, null, "\\u00e4\\n"], "b": {}} ', '"x"', '12'])(
    'finds nothing wrong with %s',
    (text) => {
      expect(scanJson(text)).toEqual({ mends: [], fault: null });
    },
  );

  const mended: [given: string, want: string][] = [
    ['{"a": 1,}', '{"a": 1}'],
    ['[1, 2, ]', '[1, 2 ]'],
    ['{"a": 1 "b": 2}', '{"a": 1 ,"b": 2}'],
    ['{"a": {}\n "b": []}', '{"a": {}\n ,"b": []}'],
    ['[{"a": 1} {"b": 2}]', '[{"a": 1} ,{"b": 2}]'],
    ['[1,, 2]', '[1, 2]'],
    ['{"a": 1,, "b": 2}', '{"a": 1, "b": 2}'],
    ['{"a": 1,,}', '{"a": 1}'],
    ['{"a": [1, /* one */ ], // two\n}', '{"a": [1   ]  \n}'],
    ['{"a": "x\ty\nz"}', '{"a": "x\\ty\\nz"}'],
    ['{"a": "\\d+\\."}', '{"a": "\\\\d+\\\\."}'],
    ['{"a": 1 // one\n, /* two */ "b": 2}', '{"a": 1  \n,   "b": 2}'],
    ['{"a": 1}}', '{"a": 1}'],
    ['{"a": 1};\n', '{"a": 1}'],
  ];
  it.each(mended)('mends %j', (given, want) => {
    const { mends, fault } = scanJson(given);
    expect(fault).toBeNull();
    expect(applyMends(given, mends)).toBe(want);
    expect(() => JSON.parse(want) as unknown).not.toThrow();
  });

  const faults: [given: string, offset: number, expected: string, got: string][] = [
    ['{"a": {"b": 1', 13, '`,` or `}`', 'the end of the text'],
    ['{"a": "b', 8, 'a value', 'the end of the text'],
    ['{"a" 1}', 5, '`:`', '`1`'],
    ['{a: 1}', 1, 'a name in double quotes or `}`', '`a`'],
    ['[1 | 2]', 3, '`,` or `]`', '`|`'],
    ['{"a": tru}', 6, 'a value', '`t`'],
    ['{"a": 1} {"b": 2}', 9, 'nothing more', '`{`'],
    ['{"a": \u0007}', 6, 'a value', 'the character U+7'],
  ];
  it.each(faults)('cannot mend %j', (given, offset, expected, got) => {
    expect(scanJson(given).fault).toEqual({ offset, expected, got });
  });

  it('needs no call stack for a million open brackets', () => {
    expect(scanJson('['.repeat(1_000_000)).fault?.offset).toBe(1_000_000);
  });

  it('gives up on text that is anything but JSON', () => {
    expect(scanJson(`["${'\t'.repeat(5_000)}"]`).fault).not.toBeNull();
  });
});
