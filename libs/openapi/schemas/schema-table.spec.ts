import { describe, expect, it } from '@jest/globals';
import type { SchemaTable } from '#core';
import { compileDocument, toSchemas } from '../compile.js';

async function tableOf(document: object): Promise<SchemaTable> {
  const text = JSON.stringify({ info: { title: 'T', version: '1' }, ...document });
  return toSchemas(await compileDocument(Buffer.from(text)));
}

async function bodySchema(schema: object | boolean, openapi = '3.0.3'): Promise<unknown> {
  const post = { requestBody: { content: { 'application/json': { schema } } }, responses: {} };
  const table = await tableOf({ openapi, paths: { '/a': { post } } });
  return table.schemas[table.operations['POST /a']?.body?.['application/json'] ?? -1];
}

describe('schemas', () => {
  it.each([
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'nullable enum',
      { type: 'string', enum: ['a'], nullable: true },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    ],
    ['nullable without a type', { nullable: true, minLength: 1 }, { minLength: 1 }],
    [
      'nullable allOf',
      { nullable: true, readOnly: true, allOf: [{ type: 'string' }] },
      { readOnly: true, anyOf: [{ allOf: [{ type: 'string' }] }, { type: 'null' }] },
    ],
    [
      'exclusive minimum',
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      { type: 'integer', exclusiveMinimum: 1 },
    ],
    ['exclusive maximum said no', { maximum: 1, exclusiveMaximum: false }, { maximum: 1 }],
    [
      'annotations',
      { type: 'string', title: 't', description: 'd', example: 'e', default: 'f', xml: {}, 'x-a': 1 },
      { type: 'string' },
    ],
    [
      'properties',
      { required: ['a'], properties: { a: { type: 'integer', description: 'd' }, default: {} } },
      { required: ['a'], properties: { a: { type: 'integer' }, default: {} } },
    ],
  ])('of 3.0 come in the shape of 2020-12: %s', async (_, given, want) => {
    expect(await bodySchema(given)).toEqual(want);
  });

  it.each([
    ['a boolean', false, false],
    ['a constant', { const: null }, { const: null }],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }], items: false },
      { type: 'array', prefixItems: [{ type: 'string' }], items: false },
    ],
    ['both bounds', { minimum: 1, exclusiveMinimum: 3 }, { minimum: 1, exclusiveMinimum: 3 }],
    [
      'conditions',
      { if: { required: ['a'] }, then: { required: ['b'] }, else: false },
      { if: { required: ['a'] }, then: { required: ['b'] }, else: false },
    ],
  ])('of 3.1 are kept: %s', async (_, given, want) => {
    expect(await bodySchema(given, '3.1.0')).toEqual(want);
  });

  it('of 2.0 come from bodies, forms and parameters', async () => {
    const table = await tableOf({
      swagger: '2.0',
      paths: {
        '/a': {
          post: {
            consumes: ['multipart/form-data'],
            parameters: [
              { name: 'n', in: 'query', type: 'integer', maximum: 5, exclusiveMaximum: true },
              { name: 'f', in: 'formData', type: 'file', required: true },
            ],
            responses: {
              200: { description: '', schema: { $ref: '#/definitions/A' }, headers: { 'X-Left': { type: 'integer' } } },
            },
          },
        },
      },
      definitions: { A: { type: 'object', properties: { a: { $ref: '#/definitions/A' } } }, Unused: {} },
    });
    const operation = table.operations['POST /a'];
    expect(table.schemas[operation?.parameters['query n'] ?? -1]).toEqual({ type: 'integer', exclusiveMaximum: 5 });
    expect(table.schemas[operation?.body?.['multipart/form-data'] ?? -1]).toMatchObject({
      required: ['f'],
      properties: { f: { format: 'binary' } },
    });
    const response = table.responses[operation?.responses['200'] ?? -1];
    expect(table.schemas[Object.values(response?.content ?? {})[0] ?? -1]).toEqual({ $ref: '#/$defs/A' });
    expect(response?.headers).toEqual({ 'x-left': { required: false, schema: expect.any(Number) } });
    expect(table.$defs).toEqual({ A: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } } });
  });

  it('are named once, however often they stand there', async () => {
    const error = {
      description: '',
      content: { 'application/json': { schema: { type: 'object', required: ['code'] } } },
    };
    const get = { responses: { default: { $ref: '#/components/responses/Error' }, '4xx': error } };
    const table = await tableOf({
      openapi: '3.0.0',
      paths: { '/a': { get }, '/b': { get } },
      components: { responses: { Error: error } },
    });
    expect(table.schemas).toHaveLength(1);
    expect(table.responses).toHaveLength(1);
    expect(table.operations['GET /b']).toEqual({ parameters: {}, responses: { default: 0, '4XX': 0 } });
  });

  it('say which alternative a value names', async () => {
    const Pet = {
      oneOf: [{ $ref: '#/components/schemas/Cat~' }],
      discriminator: { propertyName: 'kind', mapping: { cat: '#/components/schemas/Cat~0' } },
    };
    const schema = { $ref: '#/components/schemas/Pet' };
    const get = { responses: { 200: { description: '', content: { 'application/json': { schema } } } } };
    const table = await tableOf({
      openapi: '3.0.0',
      paths: { '/a': { get } },
      components: { schemas: { 'Cat~': { type: 'object' }, Pet } },
    });
    expect(table.$defs).toEqual({
      'Cat~': { type: 'object' },
      Pet: {
        oneOf: [{ $ref: '#/$defs/Cat~0' }],
        discriminator: { propertyName: 'kind', mapping: { cat: '#/$defs/Cat~0' } },
      },
    });
  });
});
