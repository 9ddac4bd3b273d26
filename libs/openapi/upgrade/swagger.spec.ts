import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

const BASE = { swagger: '2.0', info: { title: 'x', version: '1' } };

async function upgrade(document: Record<string, unknown>) {
  const compiled = await compileDocument(Buffer.from(JSON.stringify({ ...BASE, ...document })));
  return { root: compiled.root, warnings: compiled.warnings, ...toTable(compiled) };
}

/** The one operation of a path `/a` with these fields. */
async function operation(fields: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  const { table } = await upgrade({ paths: { '/a': { post: { responses: {}, ...fields } } }, ...rest });
  return table.operations[0]!;
}

describe('upgradeSwagger', () => {
  const collections: [location: string, format: string | undefined, style: string, explode: boolean][] = [
    ['query', undefined, 'form', false],
    ['query', 'csv', 'form', false],
    ['query', 'ssv', 'spaceDelimited', false],
    ['query', 'tsv', 'tabDelimited', false],
    ['query', 'pipes', 'pipeDelimited', false],
    ['query', 'multi', 'form', true],
    ['query', 'nonsense', 'form', false],
    ['header', 'csv', 'simple', false],
    ['header', 'pipes', 'pipeDelimited', false],
    ['header', 'ssv', 'spaceDelimited', false],
    ['header', 'tsv', 'tabDelimited', false],
  ];
  it.each(collections)('keeps the collectionFormat of a %s parameter: %s', async (location, format, style, explode) => {
    const parameter = { name: 'p', in: location, type: 'array', items: { type: 'string' }, collectionFormat: format };
    const { parameters } = await operation({ parameters: [parameter] });
    expect(parameters).toMatchObject([{ name: 'p', style, explode, schema: { type: 'array' } }]);
  });

  it('keeps the collectionFormat of parameters that are shared or stand at the path', async () => {
    const array = { in: 'query', type: 'array', items: { type: 'string' } };
    const { table } = await upgrade({
      parameters: { a: { ...array, name: 'a', collectionFormat: 'pipes' } },
      paths: {
        '/a': {
          parameters: [{ ...array, name: 'b', collectionFormat: 'multi' }],
          get: { parameters: [{ $ref: '#/parameters/a' }], responses: {} },
        },
      },
    });
    expect(table.operations[0]?.parameters.map(({ name, style, explode }) => [name, style, explode])).toEqual([
      ['b', 'form', true],
      ['a', 'pipeDelimited', false],
    ]);
  });

  it('keeps the collectionFormat of form fields', async () => {
    const array = { in: 'formData', type: 'array', items: { type: 'string' } };
    const { requestBody } = await operation({
      consumes: ['application/x-www-form-urlencoded'],
      parameters: ['csv', 'ssv', 'tsv', 'pipes', 'multi'].map((name) => ({ ...array, name, collectionFormat: name })),
    });
    const styles = Object.entries(requestBody?.content[0]?.properties ?? {}).map(([name, { style, explode }]) => [
      name,
      style,
      explode,
    ]);
    expect(styles).toEqual([
      ['csv', 'form', false],
      ['ssv', 'spaceDelimited', false],
      ['tsv', 'tabDelimited', false],
      ['pipes', 'pipeDelimited', false],
      ['multi', 'form', true],
    ]);
  });

  it('takes a body without consumes for JSON', async () => {
    const body = {
      name: 'b',
      in: 'body',
      required: true,
      schema: { type: 'object', properties: { a: { type: 'integer' } } },
    };
    expect((await operation({ parameters: [body] })).requestBody).toMatchObject({
      required: true,
      content: [{ contentType: 'application/json', schema: { type: 'object' } }],
    });
  });

  it('keeps every media type of a body', async () => {
    const body = { name: 'b', in: 'body', schema: { type: 'string' } };
    const { requestBody } = await operation({ parameters: [body] }, { consumes: ['application/json', 'text/xml'] });
    expect(requestBody?.content.map(({ contentType }) => contentType)).toEqual(['application/json', 'text/xml']);
  });

  it('sends a file as multipart, whatever consumes says', async () => {
    const parameters = [
      { name: 'f', in: 'formData', type: 'file', required: true },
      { name: 'n', in: 'formData', type: 'string' },
    ];
    expect((await operation({ parameters })).requestBody?.content).toMatchObject([
      {
        contentType: 'multipart/form-data',
        properties: { f: { binary: true }, n: { binary: false } },
        required: ['f'],
      },
    ]);
  });

  it('gives the body of a path to operations without parameters of their own', async () => {
    const { table } = await upgrade({
      parameters: { b: { name: 'b', in: 'body', schema: { type: 'string' } } },
      paths: { '/a': { parameters: [{ $ref: '#/parameters/b' }], put: { responses: {} }, post: { responses: {} } } },
    });
    expect(table.operations.map(({ requestBody }) => requestBody?.content[0]?.schema.type)).toEqual([
      'string',
      'string',
    ]);
  });

  it('keeps bodies apart whose hashes are equal', async () => {
    // "Aa" and "BB" have one 32-bit hash, and so have texts that differ only in them.
    const post = (title: string) => ({
      post: { parameters: [{ name: 'b', in: 'body', schema: { type: 'string', title } }], responses: {} },
    });
    const { root } = await upgrade({ paths: { '/a': post('Aa'), '/b': post('BB') } });
    const paths = root.paths as Record<
      string,
      { post: { requestBody: { content: Record<string, { schema: { title: string } }> } } }
    >;
    const titles = Object.values(paths).map((item) => item.post.requestBody.content['application/json']?.schema.title);
    expect(titles).toEqual(['Aa', 'BB']);
  });

  it('keeps the names of security schemes, and token URLs whole', async () => {
    const { table } = await upgrade({
      securityDefinitions: {
        'My key (header)': { type: 'apiKey', in: 'header', name: 'X-Key' },
        Basic: { type: 'basic' },
        OAuth: {
          type: 'oauth2',
          flow: 'accessCode',
          authorizationUrl: 'https://a/x',
          tokenUrl: 'https://a/t?v=1',
          scopes: { r: '' },
        },
      },
      security: [{ 'My key (header)': [] }],
      paths: { '/a': { get: { responses: {} }, put: { security: [{ OAuth: ['r'] }, {}], responses: {} } } },
    });
    expect(table.securitySchemes).toEqual({
      'My key (header)': { type: 'apiKey', in: 'header', name: 'X-Key' },
      Basic: { type: 'http', scheme: 'basic' },
      OAuth: { type: 'oauth2', flows: { authorizationCode: { tokenUrl: 'https://a/t?v=1', scopes: ['r'] } } },
    });
    expect(table.operations.map(({ security }) => security)).toEqual([
      [{ 'My key (header)': [] }],
      [{ OAuth: ['r'] }, {}],
    ]);
  });

  it('follows references to definitions with names that a URL would escape', async () => {
    const { table, warnings } = await upgrade({
      definitions: { 'A «B» 100%': { type: 'object', properties: { x: { type: 'string' } } } },
      paths: {
        '/a': {
          post: {
            parameters: [{ name: 'b', in: 'body', schema: { $ref: '#/definitions/A «B» 100%' } }],
            responses: { 200: { description: '', schema: { $ref: '#/definitions/A%20%C2%ABB%C2%BB%20100%25' } } },
          },
        },
      },
    });
    expect(table.operations[0]?.requestBody?.content[0]?.example).toEqual({ x: 'string' });
    expect(warnings).toEqual([]);
  });

  it('keeps the media types of answers without a schema', async () => {
    const responses = { 200: { description: '' }, 204: { description: '' }, 404: { description: '' } };
    expect((await operation({ produces: ['image/png', 'image/webp'], responses })).accepts).toEqual([
      'image/png',
      'image/webp',
    ]);
    expect((await operation({ responses }, { produces: ['application/json'] })).accepts).toEqual([]);
  });

  it('keeps null among the values of an enum', async () => {
    const { root } = await upgrade({ definitions: { A: { enum: ['a', null, ['b', null]] } }, paths: {} });
    expect(root.components).toEqual({ schemas: { A: { enum: ['a', null, ['b', null]] } } });
  });

  it('names places of the document as it was sent', async () => {
    const { warnings } = await upgrade({ definitions: { A: { type: 'strng' } }, paths: {} });
    expect(warnings).toMatchObject([{ code: 'schema', pointer: '/definitions/A/type', line: 1 }]);
  });

  const nonsense: Record<string, unknown>[] = [
    { definitions: { A: { properties: { hasOwnProperty: { type: 'string' }, '\ud800': {} } } }, paths: {} },
    { paths: null },
    { paths: [] },
    { info: 'x', paths: { '/a': null, '/b': 'x', '/c': { get: null, put: 7, post: [] } } },
    {
      paths: {
        '/a': { get: { parameters: [null, 7, 'x', {}, { in: 'query' }, { name: 'x' }, { $ref: 7 }], responses: null } },
      },
    },
    {
      paths: {
        '/a': { get: { parameters: { a: 1 }, responses: { 200: null, x: 7, default: [] }, consumes: 7, produces: {} } },
      },
    },
    { definitions: { A: null, B: 'x', C: { properties: [1], items: 7, required: {}, allOf: {}, enum: 7 } }, paths: {} },
    {
      definitions: { hasOwnProperty: {}, constructor: { type: 'object' }, toString: { $ref: '#/definitions/valueOf' } },
      paths: {},
    },
    {
      parameters: { a: null, 'b c': { $ref: '#/parameters/b c' } },
      responses: { a: 7, 'b c': {}, b_c: {} },
      paths: {},
    },
    { securityDefinitions: 7, security: 'x', schemes: 7, host: {}, basePath: [], tags: 7, paths: {} },
    { 'x-ms-parameterized-host': { hostTemplate: 7 }, 'x-ms-paths': 7, paths: { 'x-a': 7 } },
  ];
  it.each(nonsense)('upgrades whatever shape things have: %j', async (document) => {
    await expect(upgrade(document)).resolves.toBeDefined();
  });
});
