import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '../limits.js';
import { Warnings } from '../warning.js';
import { parseText } from './parse.js';

function parse(text: string) {
  const warnings = new Warnings();
  const { value } = parseText(text, DEFAULT_LIMITS, warnings);
  return { value, warnings: warnings.list };
}

describe('parseText', () => {
  const clean: [name: string, text: string, want: unknown][] = [
    ['JSON', '{"openapi": "3.0.3"}', { openapi: '3.0.3' }],
    ['YAML', 'openapi: 3.0.3\npaths: {}\n', { openapi: '3.0.3', paths: {} }],
    ['dates as text', 'a: 2026-01-01\nb: 2026-01-01T00:00:00Z', { a: '2026-01-01', b: '2026-01-01T00:00:00Z' }],
    ['YAML 1.1 words as text', 'a: [yes, no, on, off]', { a: ['yes', 'no', 'on', 'off'] }],
    ['merge keys', 'a: &a {x: 1}\nb: {<<: *a, y: 2}', { a: { x: 1 }, b: { x: 1, y: 2 } }],
    ['numbers as keys', '200: ok', { 200: 'ok' }],
    ['deficient indentation', 'a:\n- 1\n-   2\nb: >\n\n  x\n', { a: [1, 2], b: '\nx\n' }],
  ];
  it.each(clean)('reads %s', (_, text, want) => {
    expect(parse(text)).toEqual({ value: want, warnings: [] });
  });

  const loose: [name: string, text: string, want: unknown][] = [
    ['the last of two equal keys', 'a: 1\na: 2', { a: 2 }],
    ['values with tags of any kind', 'a: !!timestamp 2026-01-01\nb: !local {x: 1}', { a: '2026-01-01', b: { x: 1 } }],
    ['JSON with a trailing comma', '{"a": [1,],}', { a: [1] }],
    ['JSON with a missing comma', '{"a": 1\n"b": 2}', { a: 1, b: 2 }],
    ['JSON with names unquoted', "{a: 'x', b: 2}", { a: 'x', b: 2 }],
    ['YAML with control characters', 'a: x\u0000\u0008y', { a: 'xy' }],
    ['YAML indented with tabs', 'a:\n\tb:\n\t\tc: 1\n\td: 2', { a: { b: { c: 1 }, d: 2 } }],
    ['YAML with a colon in a bare value', 'a: see: this\nb: 1', { a: 'see: this', b: 1 }],
    ['YAML with a bare */*', 'content:\n  */*:\n    a: 1', { content: { '*/*': { a: 1 } } }],
    ['YAML with a value that starts with @', 'a: @x\nb: 1', { a: '@x', b: 1 }],
    ['YAML with an unknown escape', 'a: "\\d+"\nb: 1', { a: '\\d+', b: 1 }],
    ['the first of two YAML documents', 'a: 1\n---\nb: 2', { a: 1 }],
  ];
  it.each(loose)('reads %s, with a warning', (_, text, want) => {
    const { value, warnings } = parse(text);
    expect(value).toEqual(want);
    expect(new Set(warnings.map((warning) => warning.code))).toEqual(new Set(['syntax']));
  });

  const refused: [name: string, text: string, sentence: string][] = [
    ['white space', ' \n\t\n', 'Expected an OpenAPI document, got nothing but white space.'],
    [
      'an HTML page',
      '\n<!DOCTYPE html><html></html>',
      'Expected an OpenAPI document in JSON or YAML, got an HTML page.',
    ],
    ['XML', '<?xml version="1.0"?><a/>', 'Expected an OpenAPI document in JSON or YAML, got XML.'],
    [
      'truncated JSON',
      '{"openapi": "3.0.0",\n  "paths": {"/a": {',
      'Expected a name in double quotes or `}` at line 2, column 20 of the JSON text, got the end of the text.',
    ],
    [
      'a string without an end',
      '{"openapi": "3.0.0, "paths": {}}',
      'Expected `,` or `}` at line 1, column 22 of the JSON text, got `p`.',
    ],
    [
      'YAML with an alias to nothing',
      'a: 1\nb: *x\n',
      'Expected well-formed YAML, got a fault at line 2, column 6: unidentified alias "x".',
    ],
    [
      'a YAML string without an end',
      'a: 1\nb: "x\nc: 2\n',
      'Expected well-formed YAML, got a fault at line 4, column 1: unexpected end of the stream within a double quoted scalar.',
    ],
  ];
  it.each(refused)('refuses %s and names the place', (_, text, sentence) => {
    expect(() => parse(text)).toThrow(sentence);
  });

  it('tells where loose JSON was mended', () => {
    expect(parse('{\n  "a": 1\n  "b": 2\n}').warnings).toEqual([
      {
        code: 'syntax',
        pointer: '',
        line: 3,
        column: 3,
        message: 'The text is not JSON here: a missing comma was added.',
      },
    ]);
  });
});
