import { beforeAll, describe, expect, it, test } from '@jest/globals';
import type { DriftFault, OperationTable, SchemaTable } from '#core';
import { compileDocument, toSchemas, toTable } from '#openapi';
import { findOperation } from '../find-operation.js';
import { driftOf } from './drift.js';

const DOCUMENT = `
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /users:
    get: &get
      responses:
        '200':
          description: ''
          headers:
            X-Left: {required: true, schema: {type: integer}}
            X-Tags: {schema: {type: array, items: {enum: [a, b]}}}
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  required: [id, secret]
                  properties:
                    id: {type: integer}
                    name: {type: string, maxLength: 5}
                    secret: {type: string, writeOnly: true}
                    note: {type: string, nullable: true}
        '204': {description: ''}
        4XX: {description: '', content: {application/problem+json: {schema: {required: [title]}}}}
    head: *get
    delete: {responses: {default: {description: '', content: {'text/*': {}, 'image/png, image/gif': {}}}}}
    put: {responses: {'200': {description: ''}}}
    patch: {responses: {}}
`;

let table: OperationTable;
let schemas: SchemaTable;

beforeAll(async () => {
  const compiled = await compileDocument(Buffer.from(DOCUMENT));
  ({ table } = toTable(compiled));
  schemas = toSchemas(compiled);
});

const JSON_HEADERS: [string, string][] = [
  ['Content-Type', 'application/json; charset=utf-8'],
  ['x-left', '5'],
];

function drift(method: string, status: number, headers: [string, string][], body?: string | Uint8Array): DriftFault[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return driftOf(findOperation(table, method, '/users'), schemas, { status, headers, body: bytes });
}

describe('an answer as declared has no drift', () => {
  test.each<[name: string, method: string, status: number, headers: [string, string][], body: string | undefined]>([
    ['JSON', 'GET', 200, JSON_HEADERS, '[{"id":1,"name":"a","note":null,"more":1}]'],
    ['lists in headers', 'GET', 200, [...JSON_HEADERS, ['X-Tags', 'a, b']], '[]'],
    ['a range of statuses', 'GET', 404, [['content-type', 'application/problem+json']], '{"title":"x"}'],
    ['JSON for a type built on it', 'GET', 404, [['content-type', 'application/json']], '{"title":"x"}'],
    ['nothing where nothing is declared', 'GET', 204, [], ''],
    ['nothing for HEAD', 'HEAD', 200, JSON_HEADERS, ''],
    ['a range of types', 'DELETE', 500, [['content-type', 'text/html']], '<p>'],
    ['one of a list of types', 'DELETE', 500, [['content-type', 'image/gif']], 'x'],
    ['no content declared', 'PUT', 200, [['content-type', 'text/plain']], 'x'],
    ['no answers declared', 'PATCH', 418, [], 'x'],
    ['a body that is not at hand', 'GET', 200, JSON_HEADERS, undefined],
    ['a body in a coding', 'GET', 200, [...JSON_HEADERS, ['Content-Encoding', 'x-own']], '\u0000'],
    ['a large body', 'GET', 200, JSON_HEADERS, ' '.repeat(1024 * 1024 + 1)],
  ])('%s', (_, method, status, headers, body) => expect(drift(method, status, headers, body)).toEqual([]));
});

describe('what differs is told', () => {
  test.each<
    [
      name: string,
      method: string,
      status: number,
      headers: [string, string][],
      body: string | Uint8Array,
      want: DriftFault[],
    ]
  >([
    ['the status', 'GET', 500, [], '', [{ place: 'status', expected: 'one of 200, 204, 4XX', got: '500' }]],
    [
      'the media type',
      'GET',
      200,
      [
        ['x-left', '1'],
        ['content-type', 'text/html'],
      ],
      '<p>',
      [{ place: 'media_type', expected: 'application/json', got: 'text/html' }],
    ],
    [
      'the media type, without its parameters',
      'GET',
      200,
      [
        ['x-left', '1'],
        ['content-type', 'Text/HTML; note=s3cret'],
      ],
      '<p>',
      [{ place: 'media_type', expected: 'application/json', got: 'text/html' }],
    ],
    [
      'no media type',
      'GET',
      200,
      [['x-left', '1']],
      '[]',
      [{ place: 'media_type', expected: 'application/json', got: 'nothing' }],
    ],
    [
      'no body',
      'GET',
      200,
      JSON_HEADERS,
      '',
      [{ place: 'body', expected: 'a body of application/json', got: 'nothing' }],
    ],
    [
      'no JSON',
      'GET',
      200,
      JSON_HEADERS,
      '[{',
      [{ place: 'body', expected: 'JSON', got: '2 bytes that are not JSON' }],
    ],
    [
      'no UTF-8',
      'GET',
      200,
      JSON_HEADERS,
      Uint8Array.of(0x22, 0xff, 0x22),
      [{ place: 'body', expected: 'JSON', got: '3 bytes that are not JSON' }],
    ],
    [
      'a missing header',
      'GET',
      200,
      [['content-type', 'application/json']],
      '[]',
      [{ place: 'header', pointer: 'x-left', expected: 'an integer', got: 'nothing' }],
    ],
    [
      'a header',
      'GET',
      200,
      [
        ['content-type', 'application/json'],
        ['X-Left', 'few'],
        ['x-tags', 'c'],
      ],
      '[]',
      [
        { place: 'header', pointer: 'x-left', expected: 'an integer', got: 'a string of 3 characters' },
        { place: 'header', pointer: 'x-tags', expected: 'one of "a", "b"', got: 'a string of 1 character' },
      ],
    ],
    [
      'the body, by shapes only',
      'GET',
      200,
      JSON_HEADERS,
      '[{"name":"s3cr3t!"},5]',
      [
        { place: 'body', pointer: '/0/id', expected: 'an integer', got: 'nothing' },
        {
          place: 'body',
          pointer: '/0/name',
          expected: 'a string of at most 5 characters',
          got: 'a string of 7 characters',
        },
        { place: 'body', pointer: '/1', expected: 'an object', got: 'an integer of 1 digit' },
      ],
    ],
  ])('%s', (_, method, status, headers, body, want) => expect(drift(method, status, headers, body)).toEqual(want));

  it('up to 20 faults', () => {
    expect(drift('GET', 200, JSON_HEADERS, JSON.stringify(Array(100).fill(5)))).toHaveLength(20);
  });
});
