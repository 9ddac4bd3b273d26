import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

const BASE = { openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: {} };

async function normalise(document: Record<string, unknown>) {
  const compiled = await compileDocument(Buffer.from(JSON.stringify({ ...BASE, ...document })));
  const { table } = toTable(compiled);
  return { root: compiled.root, table, codes: compiled.warnings.map(({ code }) => code), warnings: compiled.warnings };
}

const get = (fields: Record<string, unknown>) => ({ get: { responses: {}, ...fields } });

describe('normaliseDocument', () => {
  it('leaves a good document as it is', async () => {
    const document = {
      ...BASE,
      servers: [{ url: 'https://a.com' }],
      paths: {
        '/a/{id}': get({ parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] }),
      },
      components: { schemas: { A: { type: 'object' } } },
    };
    const { root, codes } = await normalise(document);
    expect(root).toEqual(document);
    expect(codes).toEqual([]);
  });

  it('gives a document without info one', async () => {
    const { root, codes } = await normalise({ info: undefined });
    expect(root.info).toEqual({ title: 'Untitled API', version: '0.0.0' });
    expect(codes).toEqual(['shape', 'shape']);
  });

  it('reads an empty document as an API without operations', async () => {
    expect((await normalise({ servers: [], tags: [] })).table).toMatchObject({ operations: [], servers: [] });
  });

  const parameters: [name: string, list: unknown, want: [name: string, location: string][], code: string | null][] = [
    ['a parameter without a name', [{ in: 'query', schema: {} }], [], 'parameter'],
    ['a parameter without a place', [{ name: 'a', schema: {} }], [], 'parameter'],
    ['a place in capitals', [{ name: 'a', in: 'Query', schema: {} }], [['a', 'query']], 'parameter'],
    [
      'a parameter twice',
      [
        { name: 'a', in: 'query', schema: {} },
        { name: 'a', in: 'query', schema: {} },
      ],
      [['a', 'query']],
      'parameter',
    ],
    [
      'a name in two places',
      [
        { name: 'a', in: 'query', schema: {} },
        { name: 'a', in: 'cookie', schema: {} },
      ],
      [
        ['a', 'query'],
        ['a', 'cookie'],
      ],
      null,
    ],
    [
      'a header twice, spelled differently',
      [
        { name: 'X-A', in: 'header', schema: {} },
        { name: 'x-a', in: 'header', schema: {} },
      ],
      [['X-A', 'header']],
      'parameter',
    ],
    [
      'headers that are no parameters',
      [
        { name: 'accept', in: 'header', schema: {} },
        { name: 'X-A', in: 'header', schema: {} },
      ],
      [['X-A', 'header']],
      'ignored',
    ],
    ['a broken reference', [{ $ref: '#/components/parameters/a' }], [], 'reference-broken'],
    ['an external reference', [{ $ref: 'http://a/b.json' }], [], 'reference-external'],
    ['an object in place of a list', { name: 'a', in: 'query', schema: {} }, [['a', 'query']], 'shape'],
    [
      'parameters by name',
      { a: { in: 'query', schema: {} }, b: { name: 'c', in: 'query', schema: {} } },
      [
        ['a', 'query'],
        ['c', 'query'],
      ],
      'shape',
    ],
    ['a name that is a number', [{ name: 7, in: 'query', schema: {} }], [['7', 'query']], 'shape'],
  ];
  it.each(parameters)('reads %s', async (_, list, want, code) => {
    const { table, codes } = await normalise({ paths: { '/a': get({ parameters: list }) } });
    expect(table.operations[0]?.parameters.map((parameter) => [parameter.name, parameter.in])).toEqual(want);
    expect(codes).toEqual(code === null ? [] : [code]);
  });

  it('makes path parameters and the path agree', async () => {
    const { table, codes } = await normalise({
      paths: {
        '/a/{x}/{y}': get({
          parameters: [
            { name: 'x', in: 'path', schema: { type: 'integer' } },
            { name: 'z', in: 'path' },
          ],
        }),
      },
    });
    expect(table.operations[0]?.parameters).toMatchObject([
      { name: 'x', in: 'path', required: true, schema: { type: 'integer' } },
      { name: 'y', in: 'path', required: true, schema: { type: 'string' } },
    ]);
    expect(new Set(codes)).toEqual(new Set(['parameter']));
  });

  it('lets an operation override a parameter of its path', async () => {
    const { table } = await normalise({
      paths: {
        '/a': {
          parameters: [
            { name: 'a', in: 'query', schema: { type: 'string' } },
            { name: 'b', in: 'query' },
          ],
          ...get({ parameters: [{ name: 'a', in: 'query', required: true, schema: { type: 'integer' } }] }),
        },
      },
    });
    expect(table.operations[0]?.parameters.map(({ name, required, schema }) => [name, required, schema.type])).toEqual([
      ['a', true, 'integer'],
      ['b', false, null],
    ]);
  });

  it('turns variables in a query into query parameters and keeps what is constant', async () => {
    const { table } = await normalise({
      paths: {
        '/a?v=2&id={id}': get({
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
        }),
      },
    });
    expect(table.operations[0]).toMatchObject({
      path: '/a?v=2&id={id}',
      template: '/a',
      fixedQuery: [['v', '2']],
      parameters: [
        { name: 'id', in: 'query', required: true, style: 'form', explode: true, schema: { type: 'integer' } },
      ],
    });
  });

  it('makes operationIds unique', async () => {
    const { table, codes } = await normalise({
      paths: { '/a': get({ operationId: 'x' }), '/b': get({ operationId: 'x' }), '/c': get({ operationId: 'x_2' }) },
    });
    expect(table.operations.map(({ operationId }) => operationId)).toEqual(['x', 'x_2', 'x_2_2']);
    expect(codes).toEqual(['operation-id', 'operation-id']);
  });

  it('copies path items that are referred to', async () => {
    const { table, codes } = await normalise({
      paths: {
        '/a': { $ref: '#/components/pathItems/P' },
        '/b': { $ref: '#/paths/~1c' },
        '/c': get({}),
        '/d': { $ref: 'x.yaml' },
      },
      components: { pathItems: { P: get({ summary: 'p' }) } },
    });
    expect(table.operations.map(({ path, summary }) => [path, summary])).toEqual([
      ['/a', 'p'],
      ['/b', undefined],
      ['/c', undefined],
    ]);
    expect(codes).toEqual(['reference-external']);
  });

  it('reads methods in capitals, and body parameters left over from 2.0', async () => {
    const body = { name: 'b', in: 'body', required: true, schema: { type: 'string' } };
    const { table, codes } = await normalise({ paths: { '/a': { POST: { parameters: [body], responses: {} } } } });
    expect(table.operations[0]).toMatchObject({
      method: 'POST',
      requestBody: { required: true, content: [{ contentType: 'application/json', schema: { type: 'string' } }] },
    });
    expect(codes).toEqual(['path', 'body']);
  });

  it('breaks names that stand for each other', async () => {
    const { root, codes } = await normalise({
      components: { schemas: { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } } },
    });
    expect(root.components).toEqual({ schemas: { A: {}, B: { $ref: '#/components/schemas/A' } } });
    expect(codes).toEqual(['reference-circular']);
  });

  it('leaves out callbacks and webhooks, and says so', async () => {
    const { root, codes } = await normalise({
      openapi: '3.1.0',
      webhooks: { a: get({}) },
      paths: { '/a': get({ callbacks: { x: {} } }) },
    });
    expect(JSON.stringify(root)).not.toMatch(/callbacks|webhooks/);
    expect(codes).toEqual(['ignored', 'ignored']);
  });

  it('knows only security schemes that exist', async () => {
    const { table, codes } = await normalise({
      security: [{ key: [], gone: [] }, { gone: [] }, {}],
      paths: { '/a': get({}), '/b': get({ security: [] }) },
      components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' }, odd: { type: 'magic' } } },
    });
    expect(table.operations.map(({ security }) => security)).toEqual([[{ key: [] }, {}], []]);
    expect(Object.keys(table.securitySchemes)).toEqual(['key']);
    expect(new Set(codes)).toEqual(new Set(['security']));
  });

  it('leaves user names and passwords of servers out, and says so', async () => {
    const servers = ['https://me:s3@a.com/p@th', '//me@b.com', 'https://c.com/me@d.com'].map((url) => ({ url }));
    const { table, warnings } = await normalise({ servers });
    expect(table.servers.map(({ url }) => url)).toEqual(['https://a.com/p@th', '//b.com', 'https://c.com/me@d.com']);
    expect(warnings.filter(({ code }) => code === 'server')).toHaveLength(2);
    expect(JSON.stringify(warnings)).not.toContain('s3');
  });

  it('reads servers, their variables, and those of paths and operations', async () => {
    const { table } = await normalise({
      servers: [
        { url: ' https://{r}.a.com ', variables: { r: { enum: ['eu', 1] } } },
        { url: '' },
        'https://b.com',
        null,
      ],
      paths: {
        '/a': { servers: [{ url: '/p' }], get: { responses: {} }, put: { servers: [{ url: '/o' }], responses: {} } },
      },
    });
    expect(table.servers).toEqual([
      { url: 'https://{r}.a.com', variables: { r: { default: 'eu', enum: ['eu', '1'] } } },
      { url: 'https://b.com' },
    ]);
    expect(table.operations.map(({ servers }) => servers)).toEqual([[{ url: '/p' }], [{ url: '/o' }]]);
  });

  const nonsense: Record<string, unknown>[] = [
    { paths: 7 },
    { paths: { '/a': 7, '/b': null, '/c': [], '/d': { get: 7, put: null, post: [], parameters: 7 } } },
    {
      paths: {
        '/a': get({
          parameters: [7, null, 'x', []],
          requestBody: 7,
          responses: 7,
          security: 7,
          servers: 7,
          callbacks: 7,
        }),
      },
    },
    {
      paths: {
        '/a': get({ requestBody: { content: 7 } }),
        '/b': get({ requestBody: { content: { 'a/b': 7, '': {}, 'c/d': { schema: 7, encoding: 7 } } } }),
      },
    },
    { paths: { '/a': get({ requestBody: { $ref: '#/components/requestBodies/gone' } }) } },
    {
      paths: {
        '/a': get({
          responses: { 200: 7, 201: null, default: { $ref: 7 }, 'x-y': 7, 400: { headers: 7, content: 7, links: 7 } },
        }),
      },
    },
    {
      paths: {
        '/a': get({ responses: { 200: { headers: { a: 7, b: { schema: 7 }, c: { $ref: '#/x' } }, links: { a: 7 } } } }),
      },
    },
    { components: 7 },
    {
      components: {
        schemas: 7,
        parameters: [],
        responses: 'x',
        securitySchemes: { a: 7 },
        requestBodies: { a: 7 },
        headers: { a: 7 },
      },
    },
    {
      components: {
        schemas: { '': {}, a: 7 },
        parameters: { a: {}, b: { $ref: '#/components/parameters/a' } },
        examples: { a: 7 },
      },
    },
    {
      components: { requestBodies: { a: { $ref: '#/components/requestBodies/a' } } },
      paths: { '/a': get({ requestBody: { $ref: '#/components/requestBodies/a' } }) },
    },
    { info: [], servers: {}, security: {}, tags: 7, externalDocs: 7 },
    { paths: { '/a': { $ref: '#/paths/~1a' }, '/b': { $ref: '#/paths/~1c' }, '/c': { $ref: '#/paths/~1b' } } },
  ];
  it.each(nonsense)('repairs whatever shape things have: %j', async (document) => {
    await expect(normalise(document)).resolves.toBeDefined();
  });
});
