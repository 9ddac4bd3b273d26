import { describe, expect, it, test } from '@jest/globals';
import { compileDocument, toSchemas, toTable } from '../compile.js';
import type { Change, DocumentTables } from './change.js';
import { diffSpecs } from './diff-specs.js';

async function tablesOf(document: object): Promise<DocumentTables> {
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, ...document });
  const compiled = await compileDocument(Buffer.from(text));
  return { table: toTable(compiled).table, schemas: toSchemas(compiled) };
}

async function diff(from: object, to: object): Promise<Change[]> {
  return diffSpecs(await tablesOf(from), await tablesOf(to));
}

/** `kind!` where it breaks, and the pointer. */
function brief(changes: readonly Change[]): string[] {
  return changes.map(
    ({ kind, breaking, pointer }) => `${kind}${breaking ? '!' : ''}${pointer === undefined ? '' : ` ${pointer}`}`,
  );
}

const get = (operation: object, path = '/a'): object => ({ paths: { [path]: { get: operation } } });
const query = (...parameters: object[]): object =>
  get({ parameters: parameters.map((parameter) => ({ in: 'query', ...parameter })) });
const ok = (schema: unknown, defs?: object): object => ({
  ...get({ responses: { 200: { description: '', content: { 'application/json': { schema } } } } }),
  components: { schemas: defs ?? {} },
});
const body = (schema: unknown, defs?: object, required = false): object => ({
  paths: { '/a': { post: { requestBody: { required, content: { 'application/json': { schema } } } } } },
  components: { schemas: defs ?? {} },
});

describe('operations', () => {
  test.each<[name: string, from: object, to: object, want: string[]]>([
    ['removed and added', get({}), get({}, '/b'), ['operation_removed!', 'operation_added']],
    ['deprecated', get({}), get({ deprecated: true }), ['operation_deprecated']],
    ['described otherwise', get({ summary: 'a', description: 'b', tags: ['c'] }), get({ summary: 'x' }), []],
    [
      'with a path parameter called otherwise',
      get({}, '/a/{id}/b'),
      get({}, '/a/{key}/b'),
      ['path_parameter_renamed! /parameters/path/id'],
    ],
    [
      'on another server',
      { ...get({}), servers: [{ url: 'https://a' }] },
      { ...get({}), servers: [{ url: 'https://b' }] },
      ['server_changed'],
    ],
    ['without a server', { ...get({}), servers: [{ url: 'https://a' }] }, get({}), ['server_changed!']],
    ['on a server of its own', get({}), get({ servers: [{ url: 'https://a' }] }), ['server_changed']],
  ])('%s', async (_, from, to, want) => expect(brief(await diff(from, to))).toEqual(want));

  const securitySchemes = {
    key: { type: 'apiKey', in: 'query', name: 'k' },
    same: { type: 'apiKey', in: 'query', name: 'k' },
    basic: { type: 'http', scheme: 'basic' },
    oauth: { type: 'oauth2', flows: {} },
  };
  test.each<[from: object[], to: object[], want: string[]]>([
    [[], [{ key: [] }], ['security_changed!']],
    [[{ key: [] }], [], ['security_changed']],
    [[{ key: [] }], [{ key: [] }, { basic: [] }], ['security_changed']],
    [[{ key: [] }, { basic: [] }], [{ basic: [] }], ['security_changed!']],
    [[{ oauth: ['a'] }], [{ oauth: ['a', 'b'] }], ['security_changed!']],
    [[{ oauth: ['a', 'b'] }], [{ oauth: ['a'] }], ['security_changed']],
    [[{ key: [] }], [{ same: [] }], []],
    [[{ key: [] }, { basic: [] }], [{ basic: [] }, { key: [] }], []],
  ])('let in by %j, now by %j', async (from, to, want) => {
    const document = (security: object[]): object => ({ ...get({ security }), components: { securitySchemes } });
    expect(brief(await diff(document(from), document(to)))).toEqual(want);
  });
});

describe('parameters', () => {
  const p = (changes: object = {}): object => ({ name: 'n', schema: { type: 'integer' }, ...changes });
  test.each<[name: string, from: object, to: object, want: string[]]>([
    ['newly required', query(p()), query(p({ required: true })), ['parameter_required! /parameters/query/n']],
    ['no longer required', query(p({ required: true })), query(p()), ['parameter_optional /parameters/query/n']],
    ['new', query(), query(p()), ['parameter_added /parameters/query/n']],
    ['new and required', query(), query(p({ required: true })), ['parameter_required! /parameters/query/n']],
    ['removed', query(p()), query(), ['parameter_removed! /parameters/query/n']],
    [
      'of a narrower type',
      query(p({ schema: { type: ['integer', 'string'] } })),
      query(p()),
      ['type_narrowed! /parameters/query/n'],
    ],
    ['of a wider type', query(p()), query(p({ schema: { type: 'number' } })), ['type_widened /parameters/query/n']],
    [
      'of another type',
      query(p()),
      query(p({ schema: { type: 'boolean', enum: [true] } })),
      ['type_changed! /parameters/query/n'],
    ],
    [
      'with fewer values',
      query(p({ schema: { enum: ['a', 'b'] } })),
      query(p({ schema: { enum: ['b'] } })),
      ['enum_narrowed! /parameters/query/n'],
    ],
    [
      'with more values',
      query(p({ schema: { enum: ['a'] } })),
      query(p({ schema: { enum: ['b', 'a'] } })),
      ['enum_widened /parameters/query/n'],
    ],
    [
      'with tighter bounds',
      query(p({ schema: { maximum: 100 } })),
      query(p({ schema: { maximum: 50 } })),
      ['bounds_narrowed! /parameters/query/n'],
    ],
    [
      'with looser bounds',
      query(p({ schema: { minLength: 2 } })),
      query(p({ schema: {} })),
      ['bounds_widened /parameters/query/n'],
    ],
    [
      'with a pattern',
      query(p({ schema: {} })),
      query(p({ schema: { pattern: 'a' } })),
      ['pattern_narrowed! /parameters/query/n'],
    ],
    [
      'with another pattern',
      query(p({ schema: { pattern: 'b' } })),
      query(p({ schema: { pattern: 'a' } })),
      ['pattern_changed! /parameters/query/n'],
    ],
    [
      'of a wider format',
      query(p({ schema: { format: 'int32' } })),
      query(p({ schema: { format: 'int64' } })),
      ['format_widened /parameters/query/n'],
    ],
    [
      'written otherwise',
      query(p({ explode: true })),
      query(p({ explode: false })),
      ['parameter_style_changed /parameters/query/n'],
    ],
    [
      'said by a reference',
      query(p()),
      {
        ...query({ ...p(), schema: { $ref: '#/components/schemas/N' } }),
        components: { schemas: { N: { type: 'integer' } } },
      },
      [],
    ],
    ['in another order', query(p(), p({ name: 'm' })), query(p({ name: 'm' }), p()), []],
  ])('%s', async (_, from, to, want) => expect(brief(await diff(from, to))).toEqual(want));
});

describe('bodies allow less or more', () => {
  const user = (properties: object, required: string[] = [], more: object = {}): object => ({
    type: 'object',
    properties,
    required,
    ...more,
  });
  const AT = '/body/application~1json';
  test.each<[name: string, from: object, to: object, want: string[]]>([
    ['required', body({}), body({}, {}, true), ['body_required! /body']],
    ['a property required', body(user({ a: {} })), body(user({ a: {} }, ['a'])), [`property_required! ${AT}/a`]],
    ['a new one required', body(user({})), body(user({ a: {} }, ['a'])), [`property_required! ${AT}/a`]],
    ['a new one', body(user({})), body(user({ a: {} })), [`property_added ${AT}/a`]],
    ['a new one that is read-only', body(user({})), body(user({ a: { readOnly: true } }, ['a'])), []],
    ['one less', body(user({ a: {} })), body(user({})), [`property_removed ${AT}/a`]],
    [
      'one less and no others',
      body(user({ a: {} }, [], { additionalProperties: false })),
      body(user({}, [], { additionalProperties: false })),
      [`property_removed! ${AT}/a`],
    ],
    ['no others', body(user({})), body(user({}, [], { additionalProperties: false })), [`schema_narrowed! ${AT}`]],
    ['no null', body({ type: ['string', 'null'] }), body({ type: 'string' }), [`type_narrowed! ${AT}`]],
    [
      'an alternative more',
      body({ oneOf: [{ type: 'string' }, { type: 'array' }] }),
      body({ oneOf: [{ type: 'array' }, { type: 'integer' }, { type: 'string' }] }),
      [`alternatives_widened ${AT}`],
    ],
    [
      'alternatives of one type',
      body({ anyOf: [{ type: 'string' }, { type: 'string', enum: [''] }] }),
      body({ anyOf: [{ enum: [''], type: 'string' }, { type: 'string' }] }),
      [],
    ],
    [
      'items',
      body({ type: 'array', items: { type: 'string' } }),
      body({ type: 'array', items: { type: 'integer' } }),
      [`type_changed! ${AT}/*`],
    ],
    [
      'what is laid together from parts',
      body({ allOf: [user({ a: {} }), user({ b: {} }, ['b'])] }),
      body(user({ a: {}, b: {} }, ['b'])),
      [],
    ],
    [
      'another media type',
      body({}),
      { paths: { '/a': { post: { requestBody: { content: { 'text/xml': {} } } } } } },
      ['media_type_removed! /body/application~1json', 'media_type_added /body/text~1xml'],
    ],
  ])('%s', async (_, from, to, want) => expect(brief(await diff(from, to))).toEqual(want));
});

describe('answers hold less or more', () => {
  const AT = '/responses/200/application~1json';
  const user = (properties: object, required: string[] = []): object => ({ type: 'object', properties, required });
  const status = (...codes: string[]): object =>
    get({ responses: Object.fromEntries(codes.map((code) => [code, { description: '' }])) });
  test.each<[name: string, from: object, to: object, want: string[]]>([
    ['a property less', ok(user({ a: {} })), ok(user({})), [`response_property_removed! ${AT}/a`]],
    ['a property more', ok(user({})), ok(user({ a: {} }, ['a'])), [`response_property_added ${AT}/a`]],
    [
      'one that may be missing',
      ok(user({ a: {} }, ['a'])),
      ok(user({ a: {} })),
      [`response_property_optional! ${AT}/a`],
    ],
    [
      'one that is always there',
      ok(user({ a: {} })),
      ok(user({ a: {} }, ['a'])),
      [`response_property_required ${AT}/a`],
    ],
    ['a wider type', ok({ type: 'integer' }), ok({ type: 'number' }), [`response_type_widened! ${AT}`]],
    ['a narrower type', ok({ type: 'number' }), ok({ type: 'integer' }), [`response_type_narrowed ${AT}`]],
    ['a value more', ok({ enum: ['a'] }), ok({ enum: ['a', 'b'] }), [`response_enum_widened! ${AT}`]],
    ['one that is write-only', ok(user({})), ok(user({ a: { writeOnly: true } })), []],
    [
      'statuses',
      status('200', '404'),
      status('201'),
      [
        'response_status_removed! /responses/200',
        'response_status_removed /responses/404',
        'response_status_added /responses/201',
      ],
    ],
  ])('%s', async (_, from, to, want) => expect(brief(await diff(from, to))).toEqual(want));
});

describe('references', () => {
  const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

  it('are followed, circles included, by the shortest way', async () => {
    const node = (type: string): object => ({
      Node: { type: 'object', properties: { next: ref('Node'), leaf: ref('Leaf') } },
      Leaf: { type: 'object', properties: { back: ref('Node'), n: { type } } },
    });
    const changes = await diff(ok(ref('Node'), node('integer')), ok(ref('Node'), node('string')));
    expect(brief(changes)).toEqual(['response_type_changed! /responses/200/application~1json/leaf/n']);
    expect(changes[0]?.message).toBe('GET /a: /leaf/n of the answer 200 was an integer and is now a string.');
  });

  it('may lead to schemas of another name', async () => {
    const from = ok(ref('A'), { A: { type: 'object', properties: { a: ref('A') } } });
    expect(await diff(from, ok(ref('B'), { B: { type: 'object', properties: { a: ref('B') } } }))).toEqual([]);
  });

  it('change each operation that they are used in', async () => {
    const at = (type: string): object => ({
      paths: Object.fromEntries(
        ['/a', '/b'].map((path) => [
          path,
          { post: { requestBody: { content: { 'application/json': { schema: ref('A') } } } } },
        ]),
      ),
      components: { schemas: { A: { type } } },
    });
    expect((await diff(at('string'), at('integer'))).map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      '/a type_changed',
      '/b type_changed',
    ]);
  });
});

it('the order of things changes nothing', async () => {
  const properties = { a: { type: ['string', 'null'], enum: ['x', 'y', null] }, b: { type: 'integer' } };
  const from = { ...body({ type: 'object', required: ['a', 'b'], properties }), servers: [{ url: 'https://a' }] };
  const turned = { b: properties.b, a: { enum: [null, 'y', 'x'], type: ['null', 'string'] } };
  const to = { servers: [{ url: 'https://a' }], ...body({ properties: turned, required: ['b', 'a'], type: 'object' }) };
  expect(await diff(from, to)).toEqual([]);
});

it('hostile documents end', async () => {
  let deep: object = { type: 'string' };
  for (let level = 0; level < 100; level += 1) deep = { allOf: [deep, { properties: { a: {} } }] };
  const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
  const wide = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      `S${i}`,
      {
        allOf: [ref(`S${(i + 1) % 200}`), ref(`S${(i * 7) % 200}`)],
        properties: { [`p${i}`]: ref(`S${(i * 3) % 200}`) },
      },
    ]),
  );
  const from = ok(ref('S0'), { ...wide, Deep: deep });
  const to = ok(ref('S0'), { ...wide, S5: { type: 'integer' } });
  expect((await diff(from, to)).length).toBeGreaterThan(0);
});
