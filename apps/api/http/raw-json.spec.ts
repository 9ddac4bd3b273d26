import { describe, expect, it, test } from '@jest/globals';
import { mayLoseDigits, rawItems, rawMembers, repeatsName } from './raw-json.js';

describe('the members of an object', () => {
  it.each([
    ['{}', {}],
    [' { } ', {}],
    ['[{"a": 1}]', {}],
    ['"a"', {}],
    ['{"a":1}', { a: '1' }],
    ['{"a":12345678901234567890,"b":1e400}', { a: '12345678901234567890', b: '1e400' }],
    [
      '\n{ "a" : [1, {"b": "]}"}] ,\t"c":"x\\"}, {" , "d" : null}',
      { a: '[1, {"b": "]}"}]', c: '"x\\"}, {"', d: 'null' },
    ],
    ['{"a":{"a":{"a":[]}},"b":"\\\\"}', { a: '{"a":{"a":[]}}', b: '"\\\\"' }],
    ['{"a":1,"\\u0061":2}', { a: '2' }],
    ['{"__proto__":true}', Object.fromEntries([['__proto__', 'true']])],
  ])('of %s stand as they were written', (text, members) => {
    expect([...rawMembers(text)]).toEqual(Object.entries(members));
  });

  it('are found however deep and long they are', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(rawMembers(`{"a":${deep},"b":2}`).get('a')).toBe(deep);
  });
});

test.each([
  ['{"a": 9007199254740993}', true],
  ['{"a": 1.2345678901234567}', true],
  ['{"a": 1E400}', true],
  ['{"a": 123456789012345}', false],
  ['{"a": "text"}', false],
])('%s may lose digits: %s', (text, may) => {
  expect(mayLoseDigits(text)).toBe(may);
});

test.each([
  ['[]', []],
  [' [ 1 , "a,]" , {"b": [2, 3]} ,[4]] ', ['1', '"a,]"', '{"b": [2, 3]}', '[4]']],
  ['[12345678901234567890]', ['12345678901234567890']],
  ['{"a": 1}', []],
])('the items of %s are %j', (text, items) => {
  expect(rawItems(text)).toEqual(items);
});

test.each([
  ['{"a":1,"a":2}', true],
  ['{"a":1,"\\u0061":2}', true],
  ['[{"a":{"b":[],"b":{}}}]', true],
  ['{ "a" : 1 , "b" : { } , "a" : "x" }', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"a":{"a":["a","a",{"a":"a"}]},"b":"a"}', false],
  ['[{"a":1},{"a":2}]', false],
  ['{"a":"\\"a\\":","b":"{\\"b\\":1,\\"b\\":2}"}', false],
  ['"a"', false],
  ['{}', false],
])('whether a name stands twice in an object of %s: %s', (text, is) => {
  JSON.parse(text);
  expect(repeatsName(text)).toBe(is);
});
