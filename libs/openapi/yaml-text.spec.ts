import { describe, expect, it } from '@jest/globals';
import yaml from 'js-yaml';
import { parse } from 'yaml';
import type { Json } from './json.js';
import { yamlPieces } from './yaml-text.js';

const textOf = (root: Json): string => [...yamlPieces(root)].join('');

/** What some reader of YAML takes for something else than text, or for the end of it. */
const TEXTS = [
  '',
  ' ',
  'a ',
  ' a',
  'a: b',
  'a:',
  'a #b',
  'a#b',
  '#a',
  '- a',
  '? a',
  '-',
  '---',
  '...',
  '{a}',
  '[a]',
  'a, b',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  '`a`',
  "it's",
  '"a"',
  'true',
  'No',
  'null',
  '~',
  '1',
  '1e3',
  '0x1F',
  '1_000',
  '1.2.3',
  '1.2.3.',
  '12:30:45',
  '2001-12-14',
  '.inf',
  '=',
  '<<',
  'a\nb',
  'a\n',
  'a\n\n',
  '\na',
  'a\n  b\n c',
  'a\n\n\nb',
  'a\n   \nb',
  'a\n ',
  '  a\nb',
  'a\tb',
  'a\n\tb',
  'a\r\nb',
  '\u0000',
  '\u0085',
  '\u202eabc\u202c\u2066\n',
  '\u2028',
  '\uFEFF',
  '\uD800',
  '😀 größer',
  '/a/{b}',
  'x'.repeat(2_000),
];

describe('yamlPieces', () => {
  const root: Json = {
    ...Object.fromEntries(TEXTS.map((text) => [text, text])),
    list: [...TEXTS, TEXTS, [[], [{}]], [[{ a: 1, b: [2] }]]],
    deep: { deep: { deep: { deep: Object.fromEntries(TEXTS.map((text) => [text, { [text]: [text] }])) } } },
    scalars: [null, true, false, 0, -1, 1.5, 1e21, 1e-7],
    empty: [{}, []],
    none: {},
  };

  const readers: [name: string, read: (text: string) => unknown][] = [
    ['YAML 1.2', (text) => parse(text) as unknown],
    ['YAML 1.1', (text) => parse(text, { version: '1.1', merge: false }) as unknown],
    ['js-yaml', (text) => yaml.load(text, { json: true })],
  ];
  it.each(readers)('reads back as it was: %s', (_, read) => {
    expect(JSON.stringify(read(textOf(root)))).toBe(JSON.stringify(root));
  });

  it('reads well', () => {
    const document = {
      openapi: '3.0.3',
      paths: {
        '/a': { get: { description: 'One.\n\nTwo.\n', tags: ['x'], parameters: [{ name: 'q', in: 'query' }] } },
      },
      components: {},
    };
    expect(textOf(document)).toBe(
      [
        'openapi: 3.0.3',
        'paths:',
        '  /a:',
        '    get:',
        '      description: |',
        '        One.',
        '',
        '        Two.',
        '      tags:',
        '        - x',
        '      parameters:',
        '        - name: q',
        '          in: query',
        'components: {}',
        '',
      ].join('\n'),
    );
  });

  it('writes nothing as an empty mapping', () => {
    expect(textOf({})).toBe('{}\n');
  });
});
