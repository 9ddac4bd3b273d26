import { beforeAll, describe, expect, it, test } from '@jest/globals';
import type { OperationTable, SchemaTable } from '#core';
import { compileDocument, toSchemas, toTable } from '#openapi';
import { findOperation } from '../find-operation.js';
import type { CheckedInput } from './checked-input.js';
import type { Fault } from './fault.js';
import { unknownOperation, validateInput } from './validate-input.js';

const DOCUMENT = `
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /users/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: sort, in: query, required: true, schema: {enum: [asc, desc]}}
        - {name: ids, in: query, explode: false, schema: {type: array, maxItems: 2, items: {type: integer}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {age: {type: integer}}}}
        - {name: json, in: query, content: {application/json: {schema: {type: integer}}}}
        - {name: since, in: query, schema: {type: string, format: date}}
        - {name: token, in: query, schema: {type: string, maxLength: 3}}
        - {name: flag, in: query, allowEmptyValue: true, schema: {type: boolean}}
        - {name: X-Trace, in: header, schema: {type: string, pattern: '^[a-f]+$'}}
        - {name: X-Api-Key, in: header, required: true, schema: {type: string}}
        - {name: theme, in: cookie, schema: {enum: [dark]}}
      responses: {}
  /users:
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/User'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/User'}}
          text/xml: {schema: {type: object}}
      responses: {}
  /upload:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              required: [file]
              properties:
                file: {type: string, format: binary}
                files: {type: array, items: {type: string, format: binary}}
                count: {type: integer}
      responses: {}
  /raw-form:
    post: {requestBody: {content: {multipart/form-data: {schema: {type: string, format: binary}}}}, responses: {}}
  /labels:
    post:
      requestBody:
        content:
          application/json:
            schema:
              properties:
                labels: {type: object, additionalProperties: {type: integer}}
                nested: {type: object, additionalProperties: {properties: {size: {type: integer}}}}
                short: {type: object, propertyNames: {type: string, maxLength: 3}}
                own: {type: object, patternProperties: {'^x-': {type: integer}}, additionalProperties: false}
                closed: {type: object, additionalProperties: false, properties: {name: {}}}
                docs: {type: array, items: {properties: {file: {}}}}
      responses: {}
  /note:
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {}}
  /bytes:
    put: {requestBody: {content: {application/octet-stream: {}}}, responses: {}}
  /lookup?mode={mode}:
    get:
      parameters: [{name: mode, in: query, required: true, schema: {type: string}}]
      responses: {}
components:
  schemas:
    User:
      type: object
      required: [id, name]
      additionalProperties: false
      properties:
        id: {type: string, readOnly: true}
        name: {type: string, minLength: 1}
        age: {type: integer, nullable: true}
        password: {type: string, minLength: 12}
        'a/b~c': {type: boolean}
        friends: {type: array, items: {$ref: '#/components/schemas/User'}}
`;

let table: OperationTable;
let schemas: SchemaTable;

beforeAll(async () => {
  const compiled = await compileDocument(Buffer.from(DOCUMENT));
  ({ table } = toTable(compiled));
  schemas = toSchemas(compiled);
});

function faults(method: string, path: string, input: CheckedInput): Fault[] {
  return validateInput(findOperation(table, method, path), schemas, input);
}

const brief = (list: readonly Fault[]): string[] =>
  list.map(({ pointer, expected, got }) => `${pointer}: ${expected}; ${got}`);
const GOOD: CheckedInput = { urlParams: { id: 5 }, queryParams: { sort: 'asc' }, headers: { 'x-api-key': 'k' } };

describe('parameters', () => {
  test.each<[name: string, changes: CheckedInput]>([
    ['as they should be', {}],
    ['numbers as text', { urlParams: { id: '5' }, queryParams: { sort: 'asc', limit: '100' } }],
    ['lists as text and one by one', { queryParams: { sort: 'asc', ids: '1,2' } }],
    ['one value for a list', { queryParams: { sort: 'asc', ids: 1 } }],
    ['objects', { queryParams: { sort: 'desc', filter: { age: '5' } } }],
    ['content as it is', { queryParams: { sort: 'asc', json: 5 } }],
    ['null for what is optional', { queryParams: { sort: 'asc', limit: null } }],
    ['undeclared query parameters', { queryParams: { sort: 'asc', utm: { a: 1 } } }],
    ['undeclared headers and cookies', { headers: { 'X-API-KEY': 'k', 'x-more': '1' }, cookieParams: { more: 1 } }],
    ['an empty value', { queryParams: { sort: 'asc', flag: '' } }],
    ["a credential in a parameter's place", { headers: {}, credentials: { key: {} } }],
  ])('fit: %s', (_, changes) => expect(faults('GET', '/users/{id}', { ...GOOD, ...changes })).toEqual([]));

  test.each<[name: string, changes: CheckedInput, want: string[]]>([
    [
      'missing ones',
      { urlParams: null, queryParams: {}, headers: {} },
      [
        '/url_params/id: an integer of at least 1; nothing',
        '/query_params/sort: one of "asc", "desc"; nothing',
        '/headers/X-Api-Key: a string; nothing',
      ],
    ],
    [
      'a wrong type',
      { queryParams: { sort: 'asc', limit: 'abc' } },
      ['/query_params/limit: an integer of at most 100; a string of 3 characters'],
    ],
    [
      'a bound',
      { queryParams: { sort: 'asc', limit: 101 }, urlParams: { id: 0 } },
      [
        '/url_params/id: an integer of at least 1; an integer of 1 digit',
        '/query_params/limit: an integer of at most 100; an integer of 3 digits',
      ],
    ],
    [
      'an enum',
      { queryParams: { sort: 'up' } },
      ['/query_params/sort: one of "asc", "desc"; a string of 2 characters'],
    ],
    [
      'a format',
      { queryParams: { sort: 'asc', since: 'today' } },
      ['/query_params/since: a date such as 2024-01-31; a string of 5 characters'],
    ],
    [
      'items',
      { queryParams: { sort: 'asc', ids: ['1', 'x'] } },
      ['/query_params/ids/1: an integer; a string of 1 character'],
    ],
    [
      'too many items in one text',
      { queryParams: { sort: 'asc', ids: '1,2,3' } },
      ['/query_params/ids: an array of at most 2 items; an array of 3 items'],
    ],
    [
      'members',
      { queryParams: { sort: 'asc', filter: { age: 'x' } } },
      ['/query_params/filter/age: an integer; a string of 1 character'],
    ],
    [
      'JSON that is not exact',
      { queryParams: { sort: 'asc', json: '5' } },
      ['/query_params/json: an integer; a string of 1 character'],
    ],
    [
      'an unknown path parameter',
      { urlParams: { id: 5, idd: 6 } },
      ['/url_params/idd: a parameter of the path (id); an integer of 1 digit'],
    ],
    [
      'headers',
      { headers: { 'x-trace': 'xyz', 'x-api-key': 'k' } },
      ['/headers/x-trace: a string that matches ^[a-f]+$; a string of 3 characters'],
    ],
    [
      'cookies',
      { cookieParams: { theme: 'secret' } },
      ['/cookie_params/theme: one of "dark"; a string of 6 characters'.replace('one of ', '')],
    ],
    [
      'credentials',
      { queryParams: { sort: 'asc', token: 's3cr3t' } },
      ['/query_params/token: a string of at most 3 characters; a string of 6 characters'],
    ],
  ])('do not fit: %s', (_, changes, want) =>
    expect(brief(faults('GET', '/users/{id}', { ...GOOD, ...changes }))).toEqual(want),
  );

  it('in a declared query are given as path parameters', () => {
    expect(faults('GET', '/lookup?mode={mode}', { urlParams: { mode: 'x' } })).toEqual([]);
    expect(brief(faults('GET', '/lookup?mode={mode}', { urlParams: { mod: 'x' } }))).toEqual([
      '/url_params/mod: a parameter of the path (mode); a string of 1 character',
      '/query_params/mode: a string; nothing',
    ]);
  });

  it('are told in one sentence each', () => {
    expect(faults('GET', '/users/{id}', { ...GOOD, queryParams: { sort: 'asc', limit: 'abc' } })[0]?.message).toBe(
      'Expected /query_params/limit to be an integer of at most 100, got a string of 3 characters.',
    );
  });
});

describe('bodies', () => {
  test.each<[method: string, path: string, input: CheckedInput]>([
    ['POST', '/users', { body: { name: 'a' } }],
    ['POST', '/users', { body: { name: 'a', age: null, friends: [{ name: 'b' }] } }],
    ['POST', '/users', { body: { name: 'a', age: '5' }, contentType: 'application/x-www-form-urlencoded' }],
    ['POST', '/users', { body: 'name=a', contentType: 'application/x-www-form-urlencoded' }],
    ['POST', '/users', { body: '<user/>' }],
    ['POST', '/users', { body: { name: 'a' }, contentType: 'application/json; charset=utf-8' }],
    ['POST', '/users', { body: { name: 'a' }, headers: { 'content-type': 'application/json' } }],
    [
      'POST',
      '/upload',
      { body: { file: { $file: { base64: 'YQ==' } }, files: [{ $file: { blob: 'b' } }, 'YQ=='], count: '5' } },
    ],
    ['POST', '/upload', {}],
    ['POST', '/raw-form', { body: { file: { $file: { blob: 'b' } } } }],
    ['POST', '/raw-form', { body: { meta: { own: { $file: 'a name' } } } }],
    ['POST', '/note', { body: { attached: { $file: 'a field of their own' }, $file: 1, other: 2 } }],
    ['PUT', '/bytes', { body: 'YQ==' }],
    ['PUT', '/bytes', { body: { $file: { blob: 'b' } } }],
    ['GET', '/users/{id}', { ...GOOD, body: null }],
  ])('%s %s %j fits', (method, path, input) => expect(faults(method, path, input)).toEqual([]));

  test.each<[method: string, path: string, input: CheckedInput, want: string[]]>([
    [
      'POST',
      '/upload',
      { body: { file: { $file: {} }, files: [{ $file: { base64: 'YQ==' } }, '!', { $file: { base64: '!' } }] } },
      [
        '/req_body/files/1: a file or base64 text; a string of 1 character',
        '/req_body/file/$file: either "base64" or "blob"; an empty object',
        '/req_body/files/2/$file/base64: base64 text; a string of 1 character',
      ],
    ],
    [
      'POST',
      '/note',
      { body: { attached: { $file: { base64: 1 } } } },
      ['/req_body: base64 text; an integer of 1 digit'],
    ],
    [
      'PUT',
      '/bytes',
      { body: { $file: { base64: 'YQ==', blob: 'b' } } },
      ['/req_body/$file: either "base64" or "blob"; an object of 2 properties'],
    ],
    [
      'POST',
      '/users',
      {},
      ['/req_body: a body of one of application/json, application/x-www-form-urlencoded, text/xml; nothing'],
    ],
    [
      'POST',
      '/users',
      { body: { age: '5', nam: 1 } },
      [
        '/req_body/name: a string of at least 1 character; nothing',
        '/req_body/age: an integer or null; a string of 1 character',
        '/req_body/nam: absent, since no property of this name is declared; the nearest are name, age, id; an integer of 1 digit',
      ],
    ],
    [
      'POST',
      '/users',
      { body: { name: 'a', friends: [{ name: '' }] } },
      ['/req_body/friends/0/name: a string of at least 1 character; an empty string'],
    ],
    [
      'POST',
      '/users',
      { body: { name: 'a', password: 's3cr3t' } },
      ['/req_body/password: a string of at least 12 characters; a string of 6 characters'],
    ],
    [
      'POST',
      '/users',
      { body: { name: 'a', 'a/b~c': 'true' } },
      ['/req_body/a~1b~0c: true or false; a string of 4 characters'],
    ],
    ['POST', '/users', { body: [] }, ['/req_body: an object; an empty array']],
    [
      'POST',
      '/users',
      { body: { name: 'a' }, contentType: 'image/png' },
      ['/content_type: one of application/json, application/x-www-form-urlencoded, text/xml; a string of 9 characters'],
    ],
    [
      'POST',
      '/users',
      { body: { name: 'a' }, headers: { 'Content-Type': 'image/png' } },
      [
        '/headers/Content-Type: one of application/json, application/x-www-form-urlencoded, text/xml; a string of 9 characters',
      ],
    ],
    [
      'POST',
      '/upload',
      { body: { file: '?', count: 'x' } },
      [
        '/req_body/count: an integer; a string of 1 character',
        '/req_body/file: a file or base64 text; a string of 1 character',
      ],
    ],
    ['POST', '/upload', { body: { file: null } }, ['/req_body/file: a string; nothing']],
    [
      'PUT',
      '/bytes',
      { body: { a: 1 } },
      ['/req_body: base64 text for application/octet-stream; an object of 1 property'],
    ],
    [
      'GET',
      '/users/{id}',
      { ...GOOD, body: {} },
      ['/req_body: absent, since GET /users/{id} declares no body; an empty object'],
    ],
  ])('%s %s %j does not fit', (method, path, input, want) => expect(brief(faults(method, path, input))).toEqual(want));
});

describe('names that the document does not have', () => {
  const inLabels = (body: unknown) => faults('POST', '/labels', { body });

  test.each<[body: unknown, want: string[]]>([
    [{ labels: { s3cr3t: 'x' } }, ['/req_body/labels: an integer; a string of 1 character']],
    [{ nested: { s3cr3t: { size: 'x' } } }, ['/req_body/nested: an integer; a string of 1 character']],
    [
      { short: { s3cr3t: 1, b: 2 } },
      ['/req_body/short: an object whose names are each a string of at most 3 characters; an object of 2 properties'],
    ],
    [{ own: { 'x-s3cr3t': 'x' } }, ['/req_body/own: an integer; a string of 1 character']],
    [
      { own: { s3cr3t: 1 } },
      ['/req_body/own: absent, since no property of this name is declared; an integer of 1 digit'],
    ],
    [
      { docs: [{ file: { $file: { base64: '!' } } }] },
      ['/req_body/docs/0/file/$file/base64: base64 text; a string of 1 character'],
    ],
    [{ docs: [{ s3cr3t: { $file: { base64: '!' } } }] }, ['/req_body/docs/0: base64 text; a string of 1 character']],
  ])('are not told where anybody makes them up: %j', (body, want) => {
    expect(brief(inLabels(body))).toEqual(want);
    expect(JSON.stringify(inLabels(body))).not.toContain('s3cr3t');
  });

  it('have a sentence of their own', () => {
    expect(inLabels({ labels: { s3cr3t: 'x' } })[0]?.message).toBe(
      'Expected a value inside /req_body/labels to be an integer, got a string of 1 character.',
    );
  });

  it('are told where all are declared, if they are names', () => {
    expect(brief(inLabels({ closed: { nam: 1 } }))).toEqual([
      '/req_body/closed/nam: absent, since no property of this name is declared; there is name; an integer of 1 digit',
    ]);
    expect(brief(inLabels({ closed: { 'my s3cr3t': 1 } }))).toEqual([
      '/req_body/closed: absent, since no property of this name is declared; an integer of 1 digit',
    ]);
    expect(brief(faults('GET', '/users/{id}', { ...GOOD, urlParams: { id: 5, 'my s3cr3t': 1 } }))).toEqual([
      '/url_params: a parameter of the path (id); an integer of 1 digit',
    ]);
  });
});

describe('an operation that the document does not declare', () => {
  test.each<[method: string, path: string, want: Partial<Fault> | undefined]>([
    ['get', '/users/{id}', undefined],
    [
      'DELETE',
      '/users',
      {
        pointer: '/method',
        expected: 'POST',
        got: '"DELETE"',
        message: 'The service declares no DELETE /users; that path takes POST.',
      },
    ],
    ['GET', '/user/{id}', { pointer: '/endpoint', got: 'a string of 10 characters' }],
  ])('%s %s', (method, path, want) => {
    const fault = unknownOperation(table, method, path);
    if (want === undefined) expect(fault).toBeUndefined();
    else expect(fault).toMatchObject(want);
  });
});

it('what cannot be checked is no fault, and told', async () => {
  const schema = { type: 'string', pattern: '^(?=.*[A-Z])' };
  const post = { requestBody: { content: { 'application/json': { schema } } }, responses: {} };
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths: { '/a': { post } } });
  const compiled = await compileDocument(Buffer.from(text));
  const operation = findOperation(toTable(compiled).table, 'POST', '/a');
  const unchecked: string[] = [];
  const found = validateInput(
    operation,
    toSchemas(compiled),
    { body: 'a' },
    { onUnchecked: (pointer) => unchecked.push(pointer) },
  );
  expect([found, unchecked]).toEqual([[], ['/req_body']]);
});
