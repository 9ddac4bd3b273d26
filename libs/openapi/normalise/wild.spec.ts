import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

async function read(document: Record<string, unknown>) {
  const base = 'swagger' in document ? {} : { openapi: '3.0.3' };
  const info = { title: 'x', version: '1' };
  const compiled = await compileDocument(Buffer.from(JSON.stringify({ ...base, info, paths: {}, ...document })));
  const warnings = compiled.warnings.map(({ code, pointer }) => `${code} ${pointer}`);
  return { root: compiled.root, table: toTable(compiled).table, warnings };
}

const RESPONSES = { responses: { 200: { description: 'x' } } };
const SCHEMAS = { Pet: { type: 'object', properties: { id: { type: 'integer' } } } };
const PET = { $ref: '#/components/schemas/Pet' };
const ofPet = { content: { 'application/json': { schema: PET } } };

describe('what people write', () => {
  it('as a body or a response: a reference to a schema', async () => {
    const { root, table, warnings } = await read({
      paths: { '/a': { post: { requestBody: PET, responses: { 200: PET } } } },
      components: { schemas: SCHEMAS },
    });
    expect(root.paths).toMatchObject({ '/a': { post: { requestBody: ofPet, responses: { 200: ofPet } } } });
    expect(table.operations[0]?.requestBody?.content[0]?.example).toEqual({ id: 1 });
    expect(warnings).toEqual(['body /paths/~1a/post/requestBody', 'response /paths/~1a/post/responses/200']);
  });

  it('as a response of 2.0: a reference to a definition', async () => {
    const { root, warnings } = await read({
      swagger: '2.0',
      produces: ['application/json'],
      paths: { '/a': { get: { responses: { 200: { $ref: '#/definitions/Pet' } } } } },
      definitions: SCHEMAS,
    });
    expect(root.paths).toMatchObject({ '/a': { get: { responses: { 200: ofPet } } } });
    expect(warnings).toEqual(['response /paths/~1a/get/responses/200']);
  });

  it('as a media type: a schema or a reference to one', async () => {
    const { root, warnings } = await read({
      paths: {
        '/a': {
          get: {
            responses: {
              200: { description: 'x', content: { 'application/json': PET } },
              201: { description: 'x', content: { 'application/json': SCHEMAS.Pet } },
            },
          },
        },
      },
      components: { schemas: SCHEMAS },
    });
    const inline = { content: { 'application/json': { schema: SCHEMAS.Pet } } };
    expect(root.paths).toMatchObject({ '/a': { get: { responses: { 200: ofPet, 201: inline } } } });
    expect(warnings.every((warning) => warning.startsWith('schema /paths/~1a/get/responses/20'))).toBe(true);
    expect(warnings).toHaveLength(2);
  });

  it('as a path: the address of the service, white space, another method', async () => {
    const { table, warnings } = await read({
      paths: {
        'https://b.example/v1/{id}': { get: RESPONSES },
        ' /c ': { get: RESPONSES },
        '/d': { link: RESPONSES, 'x-e': RESPONSES, foo: {} },
      },
    });
    expect(table.operations.map(({ method, template, servers }) => [method, template, servers])).toEqual([
      ['GET', '/v1/{id}', [{ url: 'https://b.example' }]],
      ['GET', '/c', undefined],
      ['LINK', '/d', undefined],
    ]);
    expect(warnings).toEqual([
      'path /paths/https:~1~1b.example~1v1~1{id}',
      'parameter /paths/https:~1~1b.example~1v1~1{id}/get',
      'path /paths/ ~1c ',
      'path /paths/~1d/link',
    ]);
  });

  it('in 3.x: host, base path and security definitions of 2.0, and references to its sections', async () => {
    const { table, warnings } = await read({
      host: 'a.example',
      basePath: '/v1',
      schemes: ['http'],
      securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } },
      security: [{ key: [] }],
      parameters: { limit: { name: 'limit', in: 'query', schema: {} } },
      paths: { '/a': { get: { ...RESPONSES, parameters: [{ $ref: '#/parameters/limit' }] } } },
    });
    expect(table).toMatchObject({
      servers: [{ url: 'http://a.example/v1' }],
      securitySchemes: { key: { type: 'apiKey' } },
      operations: [{ parameters: [{ name: 'limit' }], security: [{ key: [] }] }],
    });
    expect(warnings).toEqual([
      'server /host',
      'security /securityDefinitions',
      'reference-deep /paths/~1a/get/parameters/0',
    ]);
  });

  it('in 2.0: sections and bodies of 3.x, and paths in x-ms-paths', async () => {
    const { table, warnings } = await read({
      swagger: '2.0',
      host: 'a.example',
      components: { schemas: SCHEMAS },
      paths: { '/a': { post: { requestBody: ofPet, responses: { 200: { description: 'x', schema: PET } } } } },
      'x-ms-paths': { '/b?comp=c': { get: RESPONSES } },
    });
    expect(table.operations).toMatchObject([
      { path: '/b?comp=c', template: '/b', fixedQuery: [['comp', 'c']] },
      { path: '/a', requestBody: { content: [{ contentType: 'application/json' }] } },
    ]);
    expect(warnings).toContain('shape /components/schemas');
    expect(warnings).toContain('shape /x-ms-paths');
  });

  it('in 2.0: hosts and schemes of all kinds', async () => {
    const servers = async (fields: Record<string, unknown>) => {
      const { table, warnings } = await read({ swagger: '2.0', ...fields });
      return [...table.servers.map(({ url }) => url), ...warnings];
    };
    expect(await servers({ host: 'a', basePath: 'v1' })).toEqual(['https://a/v1', 'server /basePath']);
    expect(await servers({ host: 'http://a' })).toEqual(['http://a', 'server /host']);
    expect(await servers({ host: {}, basePath: '/v1' })).toEqual(['/v1', 'server /host']);
    expect(await servers({ host: 'a', schemes: 'HTTP' })).toEqual(['http://a', 'server /schemes']);
    expect(await servers({ host: 'a', schemes: ['ftp'] })).toEqual(['https://a', 'server /schemes']);
  });

  it('in a discriminator: plain names, which are right', async () => {
    const discriminator = { propertyName: 'kind', mapping: { p: 'Pet', q: '#/components/schemas/Pet' } };
    const { root, warnings } = await read({
      components: { schemas: { ...SCHEMAS, Any: { oneOf: [PET], discriminator } } },
    });
    expect(warnings).toEqual([]);
    expect(root.components).toMatchObject({
      schemas: { Any: { discriminator: { mapping: { p: PET.$ref, q: PET.$ref } } } },
    });
  });
});
