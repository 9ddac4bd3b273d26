import { describe, expect, it } from '@jest/globals';
import { compileDocument } from '../compile.js';
import { twoWaySchemas } from './directions.js';
import { printTypes } from './print-types.js';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const id = { type: 'object', required: ['id', 'name'], properties: { id: { readOnly: true }, name: {} } };

describe('twoWaySchemas', () => {
  const cases: [name: string, schemas: Record<string, unknown>, want: string[]][] = [
    ['none where nothing goes one way', { A: { required: ['a'], properties: { a: {} } } }, []],
    ['none where it may be left out anyway', { A: { properties: { a: { readOnly: true } } } }, []],
    ['a schema that requires what only an answer has', { A: id, B: {} }, ['A']],
    [
      'a schema that requires what only a request has',
      { A: { required: ['a'], properties: { a: { writeOnly: true } } } },
      ['A'],
    ],
    [
      'all that hold one, however deep',
      { A: id, B: { properties: { list: { items: { oneOf: [ref('A')] } } } }, C: { additionalProperties: ref('B') } },
      ['A', 'B', 'C'],
    ],
    [
      'a whole that requires it of a part',
      { A: { properties: id.properties }, B: { allOf: [ref('A')], required: ['id'] } },
      ['B'],
    ],
    ['schemas that hold each other', { A: { ...id, items: ref('B') }, B: { items: ref('A') } }, ['A', 'B']],
  ];
  it.each(cases)('finds %s', (_, schemas, want) => {
    expect([...twoWaySchemas(schemas)].sort()).toEqual(want);
  });
});

describe('the types of a document', () => {
  const typesOf = async (schemas: Record<string, unknown>) => {
    const document = {
      openapi: '3.1.0',
      paths: {
        '/a': {
          post: {
            requestBody: { content: { 'application/json': { schema: ref('B') } } },
            responses: { 200: { description: '', content: { 'application/json': { schema: ref('B') } } } },
          },
        },
      },
      components: { schemas },
    };
    const { root, references } = await compileDocument(Buffer.from(JSON.stringify(document)));
    return printTypes(root, references).replace(/\s+/g, ' ');
  };

  it('have two of what differs, each where it belongs', async () => {
    const types = await typesOf({ A: id, B: { properties: { a: ref('A') } }, C: { type: 'string' } });
    expect(types).toContain(
      'schemas: { A: { readonly id: unknown; name: unknown; }; B: { a?: components["schemas"]["A"]; }; C: string; };',
    );
    expect(types).toContain(
      'requestSchemas: { A: { readonly id?: unknown; name: unknown; }; B: { a?: components["requestSchemas"]["A"]; }; };',
    );
    expect(types).toContain('requestBody?: { content: { "application/json": components["requestSchemas"]["B"]; }; };');
    expect(types).toContain('content: { "application/json": components["schemas"]["B"]; };');
  });

  it('have one where nothing differs', async () => {
    expect(await typesOf({ B: { properties: { a: { readOnly: true } } } })).not.toContain('requestSchemas');
  });
});
