import { expect, test } from '@jest/globals';
import { mergeHeaders } from './headers.js';

test.each([
  [
    "the contract's example",
    { header1: 'val1', header2: 'val2' },
    { header2: 'val50', header3: 'val3' },
    [
      ['header1', 'val1'],
      ['header2', 'val50'],
      ['header3', 'val3'],
    ],
  ],
  ['names without regard to case', { 'X-Key': 'spec' }, { 'x-key': 'process' }, [['x-key', 'process']]],
  ['no headers of its own', { a: '1' }, null, [['a', '1']]],
  ['no defaults', {}, { a: '1' }, [['a', '1']]],
  [
    'a name that objects know already',
    {},
    JSON.parse('{"__proto__": "1"}') as Record<string, string>,
    [['__proto__', '1']],
  ],
])('the process wins: %s', (_, spec, process, merged) => {
  expect(Object.entries(mergeHeaders(spec, process))).toEqual(merged);
});
