import { describe, expect, it } from '@jest/globals';
import { compileDocument } from '../compile.js';
import { typecheck } from '../review/typecheck.js';
import { printTypes } from './print-types.js';

async function typesOf(document: Record<string, unknown>): Promise<string> {
  const { root, references } = await compileDocument(Buffer.from(JSON.stringify({ openapi: '3.1.0', ...document })));
  return printTypes(root, references);
}

const schemas = (given: Record<string, unknown>) => typesOf({ paths: {}, components: { schemas: given } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const operation = (fields: Record<string, unknown> = {}) => ({ responses: { 200: { description: '' } }, ...fields });

/** What must not be the end of the string or comment that it stands in. */
const HOSTILE = [
  '*/ export const evil = 1; /*',
  '/** */',
  '`${process.exit(1)}`',
  '"; export const evil = 1; "',
  "'; export const evil = 1; '",
  '\u2028export const evil = 1\u2029',
  '\\',
  '\\"',
  '\\u002a/',
  'a\nb\r\nc',
  '__proto__',
  'constructor',
  'a%b%zz#/c~d',
  '#',
  '%',
  '',
  '-1',
  '1e3',
  'NaN',
  '\u0000\u0007',
  '\ud800',
  '*\\/',
  '*\u200b/',
];

describe('printTypes', () => {
  it('keeps hostile text inside the strings and comments it stands in', async () => {
    const documents = await Promise.all(
      HOSTILE.map((text, index) =>
        typesOf({
          info: { title: text, version: text },
          paths: {
            [`/${text}`]: {
              summary: text,
              get: operation({
                operationId: text,
                summary: text,
                description: text,
                tags: [text],
                parameters: [{ name: text, in: 'query', description: text, schema: ref(text) }],
                requestBody: {
                  description: text,
                  content: { [text]: { schema: ref(text) }, 'a/b': { schema: { const: text } } },
                },
                responses: {
                  [text]: {
                    description: text,
                    headers: { [text]: { schema: { type: 'string' } } },
                    content: { [text]: {} },
                  },
                },
              }),
            },
          },
          components: {
            parameters: { [text]: { name: text, in: 'header', schema: { default: text } } },
            schemas: {
              [text]: {
                type: 'object',
                title: text,
                description: text,
                format: text,
                default: { [text]: text },
                example: text,
                examples: [text],
                required: [text],
                properties: {
                  [text]: { enum: [text, { [text]: [text] }], description: text },
                  [`k${index}`]: ref(text),
                },
                patternProperties: { [text]: { const: text } },
                discriminator: { propertyName: text, mapping: { [text]: `#/components/schemas/${text}` } },
                oneOf: [{ title: text }],
              },
            },
          },
        }),
      ),
    );
    // A value called evil would be an import that works: the folder's own module must not have it.
    const files = documents.flatMap((types, index): [string, string][] => [
      [`types${index}.ts`, types],
      [
        `check${index}.ts`,
        `import type * as types from './types${index}.js';\ntype None<T> = 'evil' extends keyof T ? never : true;\nexport const none: None<typeof types> = true;\n`,
      ],
    ]);
    expect(await typecheck(Object.fromEntries(files))).toBeNull();
    for (const types of documents) {
      const code = types.replace(/\/\*[^]*?\*\//g, '');
      expect(code).not.toMatch(/^\s*export (?!interface|type )/m);
      expect(types).not.toMatch(/[\u2028\u2029]/);
    }
  });

  it('prints names with percent signs, hashes and letters beyond ASCII as they are', async () => {
    const types = await typesOf({ paths: { '/größe/100%/a#b': { get: operation() } } });
    expect(types).toContain('"/größe/100%/a#b": {');
  });

  it('makes types that compile of every odd schema', async () => {
    const given: Record<string, Record<string, unknown>> = {
      'a schema that holds itself in every way': {
        A: {
          anyOf: [
            { type: 'string' },
            { type: 'array', items: ref('A') },
            { type: 'object', additionalProperties: ref('A') },
          ],
        },
        B: { allOf: [ref('B')] },
        C: { type: 'array', items: ref('D') },
        D: { type: 'array', items: ref('C') },
        E: ref('F'),
        F: { oneOf: [ref('E'), { type: 'null' }] },
        G: { properties: { g: ref('G') }, required: ['g'] },
        H: { type: 'array', prefixItems: [ref('H')] },
      },
      'a base whose children are its alternatives': {
        Base: {
          type: 'object',
          properties: { kind: { type: 'string' } },
          required: ['kind'],
          discriminator: { propertyName: 'kind', mapping: { x: '#/components/schemas/X' } },
          oneOf: [ref('X'), ref('Y')],
        },
        X: { allOf: [ref('Base'), { type: 'object', properties: { x: { type: 'integer' } } }] },
        Y: { allOf: [ref('Base')], required: ['kind'] },
      },
      'required names that are no plain keys': {
        Union: { anyOf: [{ properties: { a: {} } }], properties: { b: {} } },
        Maybe: { type: ['object', 'null'], properties: { c: {} } },
        Text: { type: 'string', properties: { d: {} } },
        All: {
          allOf: [ref('Union'), ref('Maybe'), ref('Text'), { allOf: [ref('Union')] }],
          required: ['a', 'b', 'c', 'd', 'constructor'],
        },
      },
      'constants and enums of every kind': {
        A: { enum: [1, -1, 1.5, 1e21, -0, null, true, 'x', [], [1], {}, { a: -1 }] },
        B: { type: 'object', enum: [{ a: 1 }] },
        C: { const: null },
        D: { type: ['string', 'null'], enum: ['a', null] },
        E: { type: 'string', enum: Array.from({ length: 5_000 }, (_, index) => `v${index}`) },
        F: { type: 'object', enum: ['x'], properties: { a: {} } },
        G: { const: { a: [1, { b: null }] } },
      },
      'booleans in place of schemas': {
        A: true,
        B: false,
        C: {
          properties: { a: true, b: false },
          items: true,
          additionalProperties: true,
          allOf: [true],
          anyOf: [false, true],
        },
      },
      'several types at once': {
        A: { type: ['string', 'object', 'array', 'null'], properties: { a: {} }, items: { type: 'integer' } },
        B: { type: ['string', 'integer'], oneOf: [{ minimum: 1 }] },
        C: { type: ['null'] },
        D: { type: [] },
      },
      'names that look like something else': {
        A: {
          properties: {
            __proto__: {},
            constructor: {},
            '0': {},
            '01': {},
            '1.5': {},
            '-1': {},
            Infinity: {},
            NaN: {},
            'a-b': {},
            $ref: { type: 'string' },
            toString: {},
          },
          required: ['constructor', 'toString'],
        },
      },
      'examples that look like schemas': {
        A: {
          type: 'object',
          example: { allOf: ['x'], discriminator: { propertyName: 'a' }, oneOf: 7 },
          default: { $ref: '#/x' },
        },
      },
    };
    const names = Object.keys(given);
    const files = await Promise.all(
      names.map(async (name, index) => [`t${index}.ts`, await schemas(given[name] ?? {})]),
    );
    expect(await typecheck(Object.fromEntries(files) as Record<string, string>)).toBeNull();
  });

  const texts: [name: string, schema: unknown, want: string][] = [
    [
      'an optional property with a default stays optional',
      { type: 'object', properties: { a: { type: 'string', default: 'x' } } },
      'a?: string;',
    ],
    ['an object without properties holds anything', { type: 'object' }, 'S: Record<string, unknown>;'],
    ['null is said once', { type: ['string', 'null'], enum: ['a', null] }, 'S: "a" | null;'],
    [
      'a title gives the compiler no orders, and turns no text round',
      { type: 'string', title: '@ts-ignore \u202eabc\u0000' },
      String.raw`/** \@ts-ignore \u202eabc\u0000 */`,
    ],
    [
      'a description becomes a comment',
      { type: 'string', description: 'Ends here: */ no' },
      '/** @description Ends here: *\\/ no */',
    ],
    [
      'a long enum becomes its type',
      { type: 'string', enum: Array.from({ length: 3_000 }, (_, i) => `v${i}`) },
      'S: string;',
    ],
  ];
  it.each(texts)('%s', async (_, schema, want) => {
    expect(await schemas({ S: schema })).toContain(want);
  });

  const component = (name: string) => `components["schemas"]["${name}"]`;
  const base = { type: 'object', properties: { id: {}, kind: { type: 'string' } } };
  const kinds = { propertyName: 'kind' };
  const combinations: [name: string, schemas: Record<string, unknown>, want: string][] = [
    [
      'what says nothing beside other parts is left out',
      { B: base, S: { allOf: [ref('B'), {}, { type: 'object' }] } },
      `S: ${component('B')};`,
    ],
    [
      'names required by one part hold for all of them',
      { B: base, S: { allOf: [ref('B'), { type: 'object', required: ['id'] }] } },
      `S: WithRequired<${component('B')}, "id">;`,
    ],
    [
      'alternatives narrow an object',
      { A: base, B: base, S: { properties: { x: { type: 'integer' } }, anyOf: [ref('A'), ref('B')] } },
      `S: { x?: number; } & (${component('A')} | ${component('B')});`,
    ],
    [
      'alternatives that only require names change nothing',
      { S: { properties: { x: { type: 'integer' } }, oneOf: [{ required: ['x'] }, { required: ['y'] }] } },
      'S: { x?: number; };',
    ],
    ['text or an object is either', { S: { type: 'string', anyOf: [{ enum: [1] }] } }, 'S: string | 1;'],
    [
      'a reference keeps its description',
      { B: base, S: { properties: { b: { ...ref('B'), description: 'Hello' } } } },
      '/** @description Hello */ b?',
    ],
    [
      'alternatives are told apart by their names',
      { A: base, S: { oneOf: [ref('A')], discriminator: kinds } },
      'A: { id?: unknown; kind: "A"; };',
    ],
    [
      'alternatives are told apart by the mapping',
      {
        A: base,
        S: {
          oneOf: [ref('A')],
          discriminator: { ...kinds, mapping: { a: '#/components/schemas/A', b: '#/components/schemas/A' } },
        },
      },
      'kind: "a" | "b"; };',
    ],
    [
      'a schema that extends a base has its name',
      { Base: { ...base, discriminator: kinds }, A: { allOf: [ref('Base'), { properties: { a: {} } }] } },
      `A: { kind: "A"; } & ${component('Base')} & { a?: unknown; };`,
    ],
    [
      'a schema that extends one with a name has its own',
      {
        Base: { ...base, discriminator: kinds },
        A: { allOf: [ref('Base')], properties: { a: {} } },
        B: { allOf: [ref('A')], properties: { b: {} } },
      },
      `B: { b?: unknown; kind: "B"; } & Omit<${component('A')}, "kind">;`,
    ],
    [
      'a schema keeps what it says of itself',
      { A: { properties: { kind: { enum: ['own'] } } }, S: { oneOf: [ref('A')], discriminator: kinds } },
      'A: { kind?: "own"; };',
    ],
    [
      'numbers tell apart as numbers',
      {
        A: { properties: { kind: { type: 'integer' } } },
        S: { oneOf: [ref('A')], discriminator: { ...kinds, mapping: { 7: '#/components/schemas/A' } } },
      },
      'A: { kind: 7; };',
    ],
  ];
  it.each(combinations)('%s', async (_, given, want) => {
    const types = await schemas(given);
    expect(types.replace(/\s+/g, ' ')).toContain(want);
    expect(await typecheck({ 'types.ts': types })).toBeNull();
  });

  it('prints parameters by place, bodies, answers and references as openapi-typescript does', async () => {
    const types = await typesOf({
      paths: {
        '/a/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          get: operation({ summary: 'Reads', parameters: [{ $ref: '#/components/parameters/Q' }] }),
          post: { operationId: 'write', requestBody: { $ref: '#/components/requestBodies/B' }, responses: {} },
        },
      },
      components: {
        parameters: { Q: { name: 'q', in: 'query', description: 'Sought', schema: { type: 'integer' } } },
        requestBodies: { B: { required: true, content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    });
    const shown = types.replace(/\s+/g, ' ');
    const id = 'path: { id: string; };';
    for (const want of [
      `"/a/{id}": { parameters: { query?: never; header?: never; ${id} cookie?: never; }; /** Reads */ get: { parameters: { query?: { /** @description Sought */ q?: components["parameters"]["Q"]; }; header?: never; ${id} cookie?: never; }; requestBody?: never; responses: { 200: { headers: AnyHeaders; content?: never; }; }; }; put?: never; post: operations["write"];`,
      `export interface operations { write: { parameters: { query?: never; header?: never; ${id} cookie?: never; }; requestBody: components["requestBodies"]["B"]; responses: never; }; }`,
      'requestBodies: { B: { content: { "text/plain": string; }; }; };',
    ])
      expect(shown).toContain(want);
  });

  it('leaves out headers that are no parameters, and takes the schema of content', async () => {
    const types = await typesOf({
      paths: {
        '/a': {
          get: operation({
            parameters: [
              { name: 'Authorization', in: 'header', required: true, schema: { type: 'string' } },
              {
                name: 'filter',
                in: 'query',
                content: { 'application/json': { schema: { type: 'object', properties: { x: { type: 'integer' } } } } },
              },
            ],
          }),
        },
      },
    });
    expect(types).not.toContain('Authorization');
    expect(types.replace(/\s+/g, ' ')).toContain('query?: { filter?: { x?: number; }; };');
  });
});
