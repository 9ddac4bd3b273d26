import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

async function read(document: Record<string, unknown>) {
  const base = { openapi: '3.2.0', info: { title: 'x', version: '1' }, paths: {} };
  const compiled = await compileDocument(Buffer.from(JSON.stringify({ ...base, ...document })));
  const { table, summary } = toTable(compiled);
  const warnings = compiled.warnings.map(({ code, pointer }) => `${code} ${pointer}`);
  return { root: compiled.root, table, summary, warnings };
}

const json = (schema: unknown) => ({ 'application/json': { schema } });

describe('OpenAPI 3.2', () => {
  it('keeps its version', async () => {
    expect((await read({})).root.openapi).toBe('3.2.0');
    expect((await read({ openapi: '3.2' })).root.openapi).toBe('3.2.0');
    const later = await read({ openapi: '3.4.0' });
    expect(later).toMatchObject({ root: { openapi: '3.2.0' }, warnings: ['version /openapi'] });
  });

  it('has operations by any method', async () => {
    const operation = (operationId: string) => ({ operationId, responses: {} });
    const { table, warnings } = await read({
      paths: {
        '/a/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          query: operation('q'),
          additionalOperations: {
            COPY: operation('c'),
            'x-lock': operation('l'),
            Get: operation('g'),
            QUERY: operation('gone'),
            'two words': operation('w'),
            CONNECT: operation('n'),
            MOVE: 7,
          },
        },
      },
    });
    expect(
      table.operations.map(({ method, operationId, parameters }) => [method, operationId, parameters.length]),
    ).toEqual([
      ['GET', 'g', 1],
      ['QUERY', 'q', 1],
      ['COPY', 'c', 1],
      ['x-lock', 'l', 1],
    ]);
    const at = '/paths/~1a~1{id}/additionalOperations';
    expect(warnings).toEqual([
      `path ${at}/Get`,
      `path ${at}/QUERY`,
      `path ${at}/two words`,
      `path ${at}/CONNECT`,
      `shape ${at}/MOVE`,
    ]);
  });

  it('has a parameter that is the whole query', async () => {
    const whole = { name: 'q', in: 'querystring', content: json({ type: 'object' }) };
    const part = { name: 'p', in: 'query', schema: {} };
    const { table, warnings, summary } = await read({
      paths: {
        '/a': { get: { parameters: [whole], responses: {} } },
        '/b': { get: { parameters: [whole, part], responses: {} } },
        '/c': { get: { parameters: [{ in: 'querystring', schema: { type: 'object' } }], responses: {} } },
        '/d': { parameters: [whole], get: { parameters: [{ ...whole, name: 'r' }], responses: {} } },
      },
    });
    const shown = table.operations.map(({ parameters }) =>
      parameters.map((parameter) => [parameter.name, parameter.in, parameter.contentType]),
    );
    expect(shown).toEqual([
      [['q', 'querystring', 'application/json']],
      [['p', 'query', undefined]],
      [['querystring', 'querystring', 'application/x-www-form-urlencoded']],
      [['r', 'querystring', 'application/json']],
    ]);
    expect(warnings).toEqual(['parameter /paths/~1b', 'parameter /paths/~1c/get/parameters/0', 'parameter /paths/~1d']);
    expect(summary.endpoints['GET /a']).toMatchObject([{ name: 'q', in: 'querystring' }]);
  });

  it('has a style of its own for cookies', async () => {
    const { table, warnings } = await read({
      paths: {
        '/a': { get: { parameters: [{ name: 'c', in: 'cookie', style: 'cookie', schema: {} }], responses: {} } },
      },
    });
    expect(table.operations[0]?.parameters).toMatchObject([{ style: 'cookie', explode: true }]);
    expect(warnings).toEqual([]);
  });

  it('has media types that are shared, and streams told item by item', async () => {
    const { root, warnings } = await read({
      $self: 'https://a.example/api.json',
      paths: {
        '/a': {
          post: {
            requestBody: { content: { 'application/jsonl': { itemSchema: { type: 'integer' } } } },
            responses: {
              200: { description: '', content: { 'application/json': { $ref: '#/components/mediaTypes/M' } } },
              201: { description: '', content: { 'application/json': { $ref: '#/components/mediaTypes/gone' } } },
            },
          },
        },
      },
      components: { mediaTypes: { M: { schema: { $ref: 'api.json#/components/schemas/S' } } }, schemas: { S: {} } },
    });
    expect(root).toMatchObject({
      paths: {
        '/a': {
          post: {
            requestBody: {
              content: { 'application/jsonl': { schema: { type: 'array', items: { type: 'integer' } } } },
            },
            responses: { 200: { content: json({ $ref: '#/components/schemas/S' }) } },
          },
        },
      },
    });
    expect(warnings).toEqual(['reference-broken /paths/~1a/post/responses/201/content/application~1json']);
  });

  it('has security told by place, by device and by metadata', async () => {
    const flows = {
      deviceAuthorization: { deviceAuthorizationUrl: 'https://a/d', tokenUrl: 'https://a/t', scopes: {} },
    };
    const { table, warnings } = await read({
      components: { securitySchemes: { 'o/2': { type: 'oauth2', oauth2MetadataUrl: 'https://a/m', flows } } },
      security: [{ '#/components/securitySchemes/o~12': ['s'] }],
      paths: { '/a': { get: { responses: {} } } },
      servers: [{ url: 'https://a', name: 'production' }],
      tags: [{ name: 'a' }, { name: 'b', parent: 'a', kind: 'nav' }],
    });
    expect(table.securitySchemes).toEqual({
      'o/2': {
        type: 'oauth2',
        metadataUrl: 'https://a/m',
        flows: { deviceAuthorization: { tokenUrl: 'https://a/t', scopes: [] } },
      },
    });
    expect(table.operations[0]?.security).toEqual([{ 'o/2': ['s'] }]);
    expect(warnings).toEqual([]);
  });
});
