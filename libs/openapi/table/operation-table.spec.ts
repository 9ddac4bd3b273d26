import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

async function operation(fields: Record<string, unknown>, components: Record<string, unknown> = {}) {
  const document = {
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths: { '/a': { post: { responses: {}, ...fields } } },
    components,
  };
  return toTable(await compileDocument(Buffer.from(JSON.stringify(document)))).table.operations[0]!;
}

describe('makeOperationTable', () => {
  const styles: [fields: Record<string, unknown>, want: Record<string, unknown>][] = [
    [{ in: 'query' }, { style: 'form', explode: true, required: false, allowReserved: false, allowEmptyValue: false }],
    [
      { in: 'query', style: 'deepObject', explode: true },
      { style: 'deepObject', explode: true },
    ],
    [
      { in: 'query', style: 'spaceDelimited' },
      { style: 'spaceDelimited', explode: false },
    ],
    [
      { in: 'query', explode: false, allowReserved: true },
      { style: 'form', explode: false, allowReserved: true },
    ],
    [{ in: 'header' }, { style: 'simple', explode: false }],
    [{ in: 'cookie' }, { style: 'form', explode: true }],
    [{ in: 'cookie', style: 'simple' }, { style: 'form' }],
    [{ in: 'query', required: 'true' }, { required: true }],
    [
      { in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
      { contentType: 'application/json', schema: { type: 'object', enum: null, default: null } },
    ],
    [
      { in: 'query', schema: { type: ['null', 'integer'], default: 3, format: 'int32' } },
      { schema: { type: 'integer', enum: null, default: 3, format: 'int32' }, example: 3 },
    ],
    [
      { in: 'query', schema: { $ref: '#/components/schemas/E', default: 'b' } },
      { schema: { type: 'string', enum: ['a', 'b'], default: 'b' } },
    ],
    [
      { in: 'query', schema: { anyOf: [{ $ref: '#/components/schemas/E' }, { type: 'null' }] } },
      { schema: { type: 'string', enum: ['a', 'b'], default: null } },
    ],
    [{ in: 'query', example: 'x', schema: { type: 'string' } }, { example: 'x' }],
    [{ in: 'query', example: 'x', schema: { type: 'integer' } }, { example: 1 }],
    [{ in: 'query', examples: { one: { value: 7 } }, schema: { type: 'integer' } }, { example: 7 }],
    [{ in: 'query', description: 'two\nlines' }, { description: 'two lines' }],
  ];
  it.each(styles)('fills in the defaults of %j', async (fields, want) => {
    const { parameters } = await operation(
      { parameters: [{ name: 'p', ...fields }] },
      { schemas: { E: { type: 'string', enum: ['a', 'b'] } } },
    );
    expect(parameters[0]).toMatchObject(want);
  });

  it('gives a path parameter an example that is not empty', async () => {
    const document = {
      openapi: '3.0.3',
      paths: {
        '/a/{p}': {
          get: { parameters: [{ name: 'p', in: 'path', schema: { type: 'string', default: '' } }], responses: {} },
        },
      },
    };
    const { table } = toTable(await compileDocument(Buffer.from(JSON.stringify(document))));
    expect(table.operations[0]?.parameters[0]?.example).toBe('string');
  });

  it('tells where a JSON body may be null', async () => {
    const json = async (schema: unknown, type = 'application/json') =>
      (await operation({ requestBody: { content: { [type]: { schema } } } })).requestBody?.content[0]?.nullable;
    expect(await json({})).toBe(true);
    expect(await json({ type: ['object', 'null'] }, 'application/vnd.x+json; a=b')).toBe(true);
    expect(await json({ anyOf: [{ type: 'string' }, { type: 'null' }] })).toBe(true);
    expect(await json({ type: 'object' })).toBeUndefined();
    expect(await json({}, 'text/plain')).toBeUndefined();
  });

  it('tells the parts of forms and how they are encoded', async () => {
    const { requestBody } = await operation({
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: {
              allOf: [{ properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] }],
              properties: {
                files: { type: 'array', items: { type: 'string', format: 'binary' } },
                raw: { contentMediaType: 'image/png' },
                meta: { type: 'object' },
              },
            },
            encoding: {
              meta: { contentType: 'application/json' },
              files: { style: 'form', explode: false, allowReserved: true },
            },
          },
        },
      },
    });
    expect(requestBody?.content[0]).toEqual({
      contentType: 'multipart/form-data',
      schema: { type: 'object', enum: null, default: null },
      properties: {
        file: { schema: { type: 'string', enum: null, default: null, format: 'binary' }, binary: true },
        files: {
          schema: { type: 'array', enum: null, default: null },
          binary: true,
          style: 'form',
          explode: false,
          allowReserved: true,
        },
        raw: { schema: { type: null, enum: null, default: null }, binary: true },
        meta: { schema: { type: 'object', enum: null, default: null }, binary: false, contentType: 'application/json' },
      },
      required: ['file'],
      example: { file: 'string' },
    });
  });

  const accepts: [responses: Record<string, unknown>, want: string[]][] = [
    [{}, []],
    [{ 204: {}, 400: { content: { 'application/json': {} } } }, ['application/json']],
    [
      {
        400: { content: { 'application/problem+json': {} } },
        200: { content: { 'text/plain': {}, 'application/json': {} } },
      },
      ['application/json', 'text/plain', 'application/problem+json'],
    ],
    [
      { 200: { content: { '*/*': {}, 'application/xml; charset=utf-8': {}, 'bad\r\nheader: x': {}, nonsense: {} } } },
      ['application/xml; charset=utf-8', '*/*'],
    ],
    [
      { 200: { content: { 'application/hal+json': {}, 'image/png': {} } }, 201: { content: { 'image/png': {} } } },
      ['application/hal+json', 'image/png'],
    ],
  ];
  it.each(accepts)('accepts of %j', async (responses, want) => {
    expect((await operation({ responses })).accepts).toEqual(want);
  });
});
