import { beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationTable } from '#core';
import { compileDocument, toTable } from '#openapi';
import { findOperation } from './find-operation.js';
import type { RequestInput } from './input.js';
import type { HttpRequest } from './request.js';
import { buildRequest } from './request.js';

/**
 * From the text of a document to the bytes of a request, with wants that were written from the standards: the tables of
 * OpenAPI 3.1.1 (4.8.12.4, style examples) and 2.0 (collectionFormat), RFC 6570, RFC 3986, RFC 6265, RFC 7578, RFC 7617.
 */
async function tableOf(document: object): Promise<OperationTable> {
  return toTable(await compileDocument(Buffer.from(JSON.stringify(document)))).table;
}

function documentOf(operation: object, path = '/x', more: object = {}): object {
  const info = { title: 'x', version: '1' };
  return { openapi: '3.1.1', info, servers: [{ url: 'http://h/v1' }], paths: { [path]: { post: operation } }, ...more };
}

async function build(document: object, input: RequestInput, path = '/x'): Promise<HttpRequest> {
  const table = await tableOf(document);
  return buildRequest(table, findOperation(table, 'post', path), input);
}

const header = (request: HttpRequest, name: string) =>
  request.headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];

const LIST = ['blue', 'black', 'brown'];
const MAP = { R: 100, G: 200, B: 150 };
const array = { type: 'array', items: { type: 'string' } };
const object = { type: 'object' };

type Row = readonly [fields: object, value: unknown, want: string | undefined];

describe('a path parameter', () => {
  test.each<Row>([
    [{}, 'blue', 'blue'],
    [{}, 5, '5'],
    [{}, -0.5, '-0.5'],
    [{}, 1e21, '1e%2B21'],
    [{}, -0, '0'],
    [{}, true, 'true'],
    [{}, '9007199254740993', '9007199254740993'],
    [{ schema: array }, LIST, 'blue,black,brown'],
    [{ schema: object }, MAP, 'R,100,G,200,B,150'],
    [{ schema: object, explode: true }, MAP, 'R=100,G=200,B=150'],
    [{ style: 'label' }, 'blue', '.blue'],
    [{ style: 'label' }, '', '.'],
    [{ style: 'label', schema: array }, LIST, '.blue,black,brown'],
    [{ style: 'label', explode: true, schema: array }, LIST, '.blue.black.brown'],
    [{ style: 'label', schema: object }, MAP, '.R,100,G,200,B,150'],
    [{ style: 'label', explode: true, schema: object }, MAP, '.R=100.G=200.B=150'],
    [{ style: 'matrix' }, 'blue', ';color=blue'],
    [{ style: 'matrix' }, '', ';color'],
    [{ style: 'matrix', schema: array }, LIST, ';color=blue,black,brown'],
    [{ style: 'matrix', explode: true, schema: array }, LIST, ';color=blue;color=black;color=brown'],
    [{ style: 'matrix', schema: object }, MAP, ';color=R,100,G,200,B,150'],
    [{ style: 'matrix', explode: true, schema: object }, MAP, ';R=100;G=200;B=150'],
    [{}, 'a/b', 'a%2Fb'],
    [{}, '../../etc', '..%2F..%2Fetc'],
    [{}, '100% é?#;=&+:@ ', '100%25%20%C3%A9%3F%23%3B%3D%26%2B%3A%40%20'],
    [{ schema: array }, ['a,b', 'c/d'], 'a%2Cb,c%2Fd'],
    [{ schema: undefined, content: { 'application/json': {} } }, { a: [1] }, '%7B%22a%22%3A%5B1%5D%7D'],
  ])('declared as %j of %j', async (fields, value, want) => {
    const parameter = { name: 'color', in: 'path', required: true, schema: { type: 'string' }, ...fields };
    const document = documentOf({ parameters: [parameter] }, '/a/{color}/b');
    const request = await build(document, { urlParams: { color: value } }, '/a/{color}/b');
    expect(request.url).toBe(`http://h/v1/a/${want}/b`);
  });
});

describe('a query parameter', () => {
  test.each<Row>([
    [{}, 'blue', '?color=blue'],
    [{}, '', '?color='],
    [{}, false, '?color=false'],
    [{}, 0, '?color=0'],
    [{}, null, ''],
    [{ allowEmptyValue: true }, null, '?color='],
    [{ schema: array }, LIST, '?color=blue&color=black&color=brown'],
    [{ schema: array }, [], ''],
    [{ schema: array, allowEmptyValue: true }, [], '?color='],
    [{ schema: array, explode: false }, LIST, '?color=blue,black,brown'],
    [{ schema: array, explode: false }, ['a,b', 'c d'], '?color=a%2Cb,c%20d'],
    [{ schema: object }, MAP, '?R=100&G=200&B=150'],
    [{ schema: object, explode: false }, MAP, '?color=R,100,G,200,B,150'],
    [{ schema: object }, {}, ''],
    [{ schema: array, style: 'spaceDelimited' }, LIST, '?color=blue%20black%20brown'],
    [{ schema: object, style: 'spaceDelimited', explode: false }, MAP, '?color=R%20100%20G%20200%20B%20150'],
    [{ schema: array, style: 'pipeDelimited' }, LIST, '?color=blue%7Cblack%7Cbrown'],
    [{ schema: array, style: 'pipeDelimited', explode: true }, LIST, '?color=blue&color=black&color=brown'],
    [
      { schema: object, style: 'deepObject', explode: true },
      MAP,
      '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150',
    ],
    [
      { schema: object, style: 'deepObject' },
      { a: { b: [1, { c: 2 }] } },
      '?color%5Ba%5D%5Bb%5D%5B0%5D=1&color%5Ba%5D%5Bb%5D%5B1%5D%5Bc%5D=2',
    ],
    [{}, 'a+b&c=d;e,f#g?h/i:j@k', '?color=a%2Bb%26c%3Dd%3Be%2Cf%23g%3Fh%2Fi%3Aj%40k'],
    [{}, 'Zürich 日本 😀 100%', '?color=Z%C3%BCrich%20%E6%97%A5%E6%9C%AC%20%F0%9F%98%80%20100%25'],
    [{}, 'e\u0301', '?color=e%CC%81'],
    [{ allowReserved: true }, '/p?a=b:c@d,e;f', '?color=/p?a=b:c@d,e;f'],
    [{ allowReserved: true }, 'a&b#c+d é%20', '?color=a%26b%23c%2Bd%20%C3%A9%20'],
    [{ schema: undefined, content: { 'application/json': {} } }, { a: 'b c' }, '?color=%7B%22a%22%3A%22b%20c%22%7D'],
    [{ schema: undefined, content: { 'application/json': {} } }, 'x', '?color=%22x%22'],
    [{ name: 'ids[]', schema: array }, ['1', '2'], '?ids%5B%5D=1&ids%5B%5D=2'],
    [{ name: 'a b&c' }, 'v', '?a%20b%26c=v'],
  ])('declared as %j of %j', async (fields, value, want) => {
    const parameter = { name: 'color', in: 'query', schema: { type: 'string' }, ...fields };
    const request = await build(documentOf({ parameters: [parameter] }), { queryParams: { [parameter.name]: value } });
    expect(request.url).toBe(`http://h/v1/x${want}`);
  });
});

describe("a parameter in Swagger 2.0's collection format", () => {
  test.each([
    ['query', undefined, '?color=blue,black,brown'],
    ['query', 'csv', '?color=blue,black,brown'],
    ['query', 'ssv', '?color=blue%20black%20brown'],
    ['query', 'tsv', '?color=blue%09black%09brown'],
    ['query', 'pipes', '?color=blue%7Cblack%7Cbrown'],
    ['query', 'multi', '?color=blue&color=black&color=brown'],
    ['header', 'pipes', 'blue|black|brown'],
    ['formData', 'csv', 'color=blue,black,brown'],
    ['formData', 'multi', 'color=blue&color=black&color=brown'],
    ['formData', 'pipes', 'color=blue%7Cblack%7Cbrown'],
  ])('in %s as %s', async (place, collectionFormat, want) => {
    const parameter = { name: 'color', in: place, type: 'array', items: { type: 'string' }, collectionFormat };
    const post = { consumes: ['application/x-www-form-urlencoded'], parameters: [parameter], responses: {} };
    const document = {
      swagger: '2.0',
      info: {},
      host: 'h',
      schemes: ['http'],
      basePath: '/v1',
      paths: { '/x': { post } },
    };
    const given = { color: LIST };
    const request = await build(document, {
      queryParams: place === 'query' ? given : {},
      headers: place === 'header' ? given : {},
      ...(place === 'formData' ? { body: given } : {}),
    });
    const found = { query: request.url.slice('http://h/v1/x'.length), header: header(request, 'color') }[place];
    expect(found ?? request.body?.toString()).toBe(want);
  });
});

describe('a header or cookie parameter', () => {
  test.each<Row>([
    [{ in: 'header' }, 'a b/é', 'a b/é'],
    [{ in: 'header', schema: array }, LIST, 'blue,black,brown'],
    [{ in: 'header', schema: object }, MAP, 'R,100,G,200,B,150'],
    [{ in: 'header', schema: object, explode: true }, MAP, 'R=100,G=200,B=150'],
    [{ in: 'header', schema: array }, [], undefined],
    [{ in: 'header', schema: undefined, content: { 'application/json': {} } }, { a: 'é' }, String.raw`{"a":"\u00e9"}`],
    [{ in: 'cookie' }, 5, 'color=5'],
    [{ in: 'cookie' }, 'a b;c,d"e', 'color=a%20b%3Bc%2Cd%22e'],
    [{ in: 'cookie', schema: array, explode: false }, LIST, 'color=blue,black,brown'],
    [{ in: 'cookie', schema: object, explode: false }, MAP, 'color=R,100,G,200,B,150'],
    [{ in: 'cookie', schema: array }, LIST, 'color=blue; color=black; color=brown'],
  ])('declared as %j of %j', async (fields, value, want) => {
    const parameter = { name: 'color', in: '', schema: { type: 'string' }, ...fields };
    const isCookie = parameter.in === 'cookie';
    const input = isCookie ? { cookieParams: { color: value } } : { headers: { color: value } };
    const request = await build(documentOf({ parameters: [parameter] }), input);
    expect(header(request, isCookie ? 'cookie' : 'color')).toBe(want);
  });
});

describe('a body', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const json = 'application/json';
  const form = 'application/x-www-form-urlencoded';

  test.each<[type: string, media: object, body: unknown, want: string]>([
    [json, {}, { a: [1, null] }, '{"a":[1,null]}'],
    [json, {}, 'text', '"text"'],
    [json, {}, '', '""'],
    [json, {}, false, 'false'],
    [json, {}, 0, '0'],
    [json, { schema: { type: ['object', 'null'] } }, null, 'null'],
    ['application/vnd.api+json', {}, { data: {} }, '{"data":{}}'],
    ['application/json-patch+json', {}, [{ op: 'remove', path: '/a' }], '[{"op":"remove","path":"/a"}]'],
    ['application/merge-patch+json', {}, { a: null }, '{"a":null}'],
    [form, {}, { a: 'b c', e: 'é+&=', n: 5, t: true, z: null }, 'a=b+c&e=%C3%A9%2B%26%3D&n=5&t=true'],
    [form, {}, { l: ['x', 'y'], o: { k: 1 } }, 'l=x&l=y&o=%7B%22k%22%3A1%7D'],
    [form, { encoding: { l: { explode: false } } }, { l: ['x', 'y,z'] }, 'l=x,y%2Cz'],
    [form, { encoding: { o: { style: 'deepObject', explode: true } } }, { o: { k: { m: 1 } } }, 'o%5Bk%5D%5Bm%5D=1'],
    [form, { encoding: { u: { allowReserved: true } } }, { u: 'http://h/?a=b' }, 'u=http://h/?a=b'],
    ['text/plain', {}, 'plain é', 'plain é'],
    ['application/xml', {}, '<a>é</a>', '<a>é</a>'],
    [
      'application/octet-stream',
      { schema: { type: 'string', format: 'binary' } },
      base64('\u0000\u0001'),
      '\u0000\u0001',
    ],
    ['application/x-ndjson', {}, [{ a: 1 }, { a: 2 }], '{"a":1}\n{"a":2}\n'],
    ['*/*', {}, { a: 1 }, '{"a":1}'],
  ])('as %s declared as %j of %j', async (type, media, body, want) => {
    const properties = { l: array, o: object, u: { type: 'string' } };
    const schema = type === form ? { type: 'object', properties } : {};
    const content = { [type]: { schema, ...media } };
    const request = await build(documentOf({ requestBody: { content } }), { bodyJson: JSON.stringify(body) });
    expect(request.body?.toString()).toBe(want);
    expect(header(request, 'content-type')).toBe(type === '*/*' ? json : type);
  });

  test('in parts has files, objects, lists and types of their own', async () => {
    const properties = {
      file: { type: 'string', format: 'binary' },
      meta: { type: 'object' },
      tags: array,
      csv: { type: 'string' },
      size: { type: 'integer' },
    };
    const encoding = { file: { contentType: 'image/png' }, csv: { contentType: 'text/csv' } };
    const content = { 'multipart/form-data': { schema: { type: 'object', properties }, encoding } };
    const body = { file: base64('png'), meta: { a: 1 }, tags: ['x', 'y'], csv: 'a,b', size: 5 };
    const request = await build(documentOf({ requestBody: { content } }), { bodyJson: JSON.stringify(body) });
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(header(request, 'content-type') ?? '')?.[1] ?? '';
    const part = (name: string, text: string, more = '') =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${text}\r\n`;
    expect(request.body?.toString()).toBe(
      [
        part('file', 'png', '; filename="file"\r\nContent-Type: image/png'),
        part('meta', '{"a":1}', '\r\nContent-Type: application/json'),
        part('tags', 'x'),
        part('tags', 'y'),
        part('csv', 'a,b', '\r\nContent-Type: text/csv'),
        part('size', '5'),
        `--${boundary}--\r\n`,
      ].join(''),
    );
  });
});

describe('a security scheme', () => {
  test.each([
    [{ type: 'apiKey', in: 'header', name: 'X-Key' }, { value: 'k' }, 'x-key', 'k'],
    [{ type: 'apiKey', in: 'cookie', name: 'sid' }, { value: 'k=1' }, 'cookie', 'sid=k=1'],
    [{ type: 'http', scheme: 'basic' }, { username: 'ü', password: 'p:w' }, 'authorization', 'Basic w7w6cDp3'],
    [{ type: 'http', scheme: 'Bearer' }, { token: 't' }, 'authorization', 'Bearer t'],
    [{ type: 'oauth2', flows: {} }, { token: 't' }, 'authorization', 'Bearer t'],
  ])('declared as %j with %j', async (scheme, credential, name, want) => {
    const more = { components: { securitySchemes: { s: scheme } }, security: [{ s: [] }] };
    const request = await build(documentOf({}, '/x', more), { credentials: { s: credential } });
    expect(header(request, name)).toBe(want);
  });

  test('in the query of Swagger 2.0, under a name with a space', async () => {
    const post = { responses: {}, security: [{ 'my key': [] }] };
    const securityDefinitions = { 'my key': { type: 'apiKey', in: 'query', name: 'key' } };
    const document = { swagger: '2.0', info: {}, host: 'h', paths: { '/x': { post } }, securityDefinitions };
    const request = await build(document, { credentials: { 'my key': { value: 'a&b' } } });
    expect(request.url).toMatch(/:\/\/h\/x\?key=a%26b$/);
  });
});

describe('servers and shared parameters', () => {
  const servers = [
    {
      url: 'https://{region}.h/{base}',
      variables: { region: { default: 'eu', enum: ['eu', 'us'] }, base: { default: 'v2' } },
    },
  ];
  const shared = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  let table: OperationTable;

  beforeAll(async () => {
    const paths = {
      '/a/{id}': {
        parameters: [shared, { name: 'q', in: 'query', explode: false, schema: array }],
        get: { parameters: [{ name: 'q', in: 'query', schema: array }] },
        put: { servers: [{ url: 'http://operation' }] },
      },
      '/b': { servers: [{ url: 'http://path/base/' }], get: {} },
    };
    table = await tableOf({ openapi: '3.0.3', info: { title: 'x', version: '1' }, servers, paths });
  });

  test.each<[string, string, RequestInput, string]>([
    ['get', '/a/{id}', { urlParams: { id: 1 }, queryParams: { q: ['x', 'y'] } }, 'https://eu.h/v2/a/1?q=x&q=y'],
    ['put', '/a/{id}', { urlParams: { id: 1 }, queryParams: { q: ['x', 'y'] } }, 'http://operation/a/1?q=x,y'],
    ['get', '/b', {}, 'http://path/base/b'],
    ['get', '/a/{id}', { urlParams: { id: 1 }, serverVariables: { region: 'us' } }, 'https://us.h/v2/a/1'],
    ['get', '/b', { url: 'http://given/x' }, 'http://given/x/b'],
    ['get', '/b', { queryParams: { extra: 'a b', l: [1, 2] } }, 'http://path/base/b?extra=a%20b&l=1&l=2'],
  ])('make of %s %s with %j', (method, path, input, want) => {
    expect(buildRequest(table, findOperation(table, method, path), input).url).toBe(want);
  });
});
