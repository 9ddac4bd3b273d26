import { describe, expect, test } from '@jest/globals';
import type { MediaType } from '#core';
import { tables } from '#testing';
import type { RequestInput } from '../input.js';
import { buildRequest } from '../request.js';
import { blobsIn } from './files.js';

const { media, operation, property, schema, table } = tables;

function build(content: readonly MediaType[], input: RequestInput) {
  const op = operation({
    method: 'POST',
    ...(content.length > 0 ? { requestBody: { required: false, content } } : {}),
  });
  const request = buildRequest(table([op]), op, input);
  return {
    text: request.body?.toString('utf8'),
    bytes: request.body,
    type: request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1],
  };
}

function failure(content: readonly MediaType[], input: RequestInput): string {
  try {
    build(content, input);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a JSON body', () => {
  test.each([[{ a: [1, null, { b: 'é' }] }], [[1, 2]], ['text'], [''], [5], [false], [null]])(
    'of %j is JSON',
    (body) => {
      const built = build([media('application/json')], { body });
      expect(built).toMatchObject({ text: JSON.stringify(body), type: 'application/json' });
    },
  );

  test.each([
    'application/vnd.api+json',
    'application/json; charset=utf-8',
    'application/json-patch+json',
    'text/json',
  ])('keeps its media type %s', (contentType) => {
    expect(build([media(contentType)], { body: [{ a: 1 }] })).toMatchObject({ text: '[{"a":1}]', type: contentType });
  });

  test('given as text goes out byte for byte', () => {
    const bodyJson = '{"id": 12345678901234567890, "x": 1.0}';
    expect(build([media('application/json')], { bodyJson }).text).toBe(bodyJson);
    expect(build([], { bodyJson: Buffer.from(bodyJson) }).text).toBe(bodyJson);
    expect(build([media('application/x-www-form-urlencoded')], { bodyJson: '{"a":1}' }).text).toBe('a=1');
  });

  test('is what an undeclared body is sent as', () => {
    expect(build([], { body: { a: 1 } })).toMatchObject({ text: '{"a":1}', type: 'application/json' });
    expect(build([], {})).toMatchObject({ text: undefined, type: undefined });
  });
});

describe('null as JSON text', () => {
  const json = media('application/json', { nullable: true });

  test('is a body where the document allows one that is null', () => {
    expect(build([json], { bodyJson: 'null' })).toMatchObject({ text: 'null', type: 'application/json' });
    expect(build([media('application/xml'), json], { bodyJson: ' null ' })).toMatchObject({ text: 'null' });
  });

  test('is none elsewhere', () => {
    expect(build([media('application/json')], { bodyJson: 'null' })).toMatchObject({
      bytes: undefined,
      type: undefined,
    });
    expect(build([], { bodyJson: Buffer.from('null') })).toMatchObject({ bytes: undefined });
    const op = operation({ requestBody: { required: true, content: [media('application/json')] } });
    expect(() => buildRequest(table([op]), op, { bodyJson: 'null' })).toThrow(
      'request body is required and must be specified',
    );
  });

  test.each(['false', '0', '""', '[]', '{}'])('but %s is always one', (bodyJson) => {
    expect(build([media('application/json')], { bodyJson }).text).toBe(bodyJson);
  });
});

describe('among several media types', () => {
  const all = [
    media('application/xml'),
    media('multipart/form-data'),
    media('application/json', { schema: schema('object') }),
    media('text/plain'),
    media('application/octet-stream', { schema: schema('string', 'binary') }),
  ];

  test.each([
    ['an object', { a: 1 }, 'multipart/form-data'],
    ['a list', [1], 'application/json'],
    ['a number', 5, 'application/json'],
    ['null', null, 'application/json'],
    ['a text', '<a/>', 'application/xml'],
  ])('the first that suits %s is taken', (_, body, type) => {
    expect(build(all, { body }).type).toMatch(new RegExp(`^${type}`));
  });

  test('the one that was asked for is taken, the header before the field', () => {
    expect(build(all, { body: 'a', contentType: 'text/plain' })).toMatchObject({ text: 'a', type: 'text/plain' });
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    expect(build(all, { body: 'a', headers, contentType: 'application/xml' })).toMatchObject({
      text: 'a',
      type: 'text/plain; charset=utf-8',
    });
  });

  test('an undeclared one is taken at its word in a header, and in the field where nothing is declared', () => {
    const want = { text: '[1]', type: 'application/cloudevents+json' };
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(build(all, { body: [1], headers })).toMatchObject(want);
    expect(build([], { body: [1], contentType: 'application/cloudevents+json' })).toMatchObject(want);
  });

  test('an undeclared one in the field is refused with those declared', () => {
    expect(failure(all, { body: [1], contentType: 'application/cloudevents+json' })).toBe(
      'Expected the content type of the request body to be one that is declared (application/xml, multipart/form-data, application/json, text/plain, application/octet-stream), got a string of 28 characters.',
    );
    expect(failure([media('application/json')], { bodyJson: '1', contentType: 'text/plain' })).toContain(
      '(application/json), got a string of 10 characters.',
    );
  });

  test.each([
    ['application/json', ['application/json; charset=utf-8'], 'application/json; charset=utf-8'],
    [
      'Application/JSON; version=2',
      ['application/json;version=1', 'application/json; version=2'],
      'application/json; version=2',
    ],
    ['application/json; version=3', ['application/json; version=1'], 'application/json; version=3'],
    ['application/vnd.a+json', ['text/plain', 'application/*+json'], 'application/vnd.a+json'],
    ['image/png', ['image/*'], 'image/png'],
    ['image/*', ['image/*'], 'application/octet-stream'],
    ['application/*', ['text/plain', 'application/vnd.a+json'], 'application/vnd.a+json'],
    ['text/csv', ['application/json', '*/*'], 'text/csv'],
  ])('%s chooses among %j as %s', (contentType, declared, want) => {
    const content = declared.map((type) => media(type));
    const { type } = build(content, { body: 'AAAA', contentType });
    expect(type?.toLowerCase()).toBe(want);
  });

  test.each([
    ['*/*', { a: 1 }, 'application/json'],
    ['*/*', 'hello', 'text/plain'],
    ['text/*', 'hello', 'text/plain'],
    ['image/*', base64('png'), 'application/octet-stream'],
    ['image/*', base64('\u0089PNG\r\n\u001a\n...'), 'application/octet-stream'],
    ['image/*', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]).toString('base64'), 'image/png'],
    ['application/*', base64('%PDF-1.7'), 'application/pdf'],
    ['application/*+json', [1], 'application/json'],
    ['multipart/*', { a: 1 }, 'multipart/form-data; boundary='],
  ])('the range %s becomes concrete for %j', (range, body, type) => {
    expect(build([media(range)], { body }).type).toContain(type);
  });

  test('a file says its type where a range is declared', () => {
    const body = { $file: { base64: base64('x'), content_type: 'image/png' } };
    expect(build([media('image/*')], { body })).toMatchObject({ text: 'x', type: 'image/png' });
  });
});

describe('a form', () => {
  const form = (properties?: MediaType['properties']) => media('application/x-www-form-urlencoded', { properties });

  test.each([
    [{ a: 'b c', d: 'é&=+~' }, 'a=b+c&d=%C3%A9%26%3D%2B~'],
    [{ n: 5, t: true, e: '' }, 'n=5&t=true&e='],
    [{ gone: null, a: 1 }, 'a=1'],
    [{ list: ['x', 'y'] }, 'list=x&list=y'],
    [{ list: [] }, ''],
    [{ o: { b: 1 } }, 'o=%7B%22b%22%3A1%7D'],
    [{ list: [{ b: 1 }] }, 'list=%7B%22b%22%3A1%7D'],
    [{ 'a b': 1 }, 'a+b=1'],
  ])('of %j by content is %s', (body, want) => {
    expect(build([form()], { body })).toMatchObject({ text: want, type: 'application/x-www-form-urlencoded' });
  });

  test.each([
    [{ style: 'form', explode: false } as const, ['a b', 'c,d'], 'k=a%20b,c%2Cd'],
    [{ style: 'form', explode: true } as const, ['a', 'b'], 'k=a&k=b'],
    [{ explode: true } as const, { a: 1 }, 'a=1'],
    [{ explode: false } as const, { a: 1, b: 2 }, 'k=a,1,b,2'],
    [{ style: 'deepObject', explode: true } as const, { a: { b: ['c'] } }, 'k%5Ba%5D%5Bb%5D%5B0%5D=c'],
    [{ style: 'spaceDelimited' } as const, ['a', 'b'], 'k=a%20b'],
    [{ style: 'pipeDelimited' } as const, ['a', 'b'], 'k=a%7Cb'],
    [{ style: 'tabDelimited' } as const, ['a', 'b'], 'k=a%09b'],
    [{ allowReserved: true } as const, 'a/b:c', 'k=a/b:c'],
    [{ contentType: 'application/json' } as const, ['a', 1], 'k=%5B%22a%22%2C1%5D'],
    [{ contentType: 'application/json' } as const, 'a', 'k=%22a%22'],
  ])('with the encoding %j writes %j as %s', (encoding, value, want) => {
    expect(build([form({ k: property(encoding) })], { body: { k: value } }).text).toBe(want);
  });

  test('given as JSON text keeps the digits of its numbers', () => {
    const bodyJson =
      '{"id": 9007199254740993, "l":[12345678901234567890,1], "e":1E5, "s":"\\"{9007199254740993", "x": 1.50, "o":{"a":1}}';
    expect(build([form()], { bodyJson }).text).toBe(
      'id=9007199254740993&l=12345678901234567890&l=1&e=100000&s=%22%7B9007199254740993&x=1.5&o=%7B%22a%22%3A1%7D',
    );
    const parts = build([media('multipart/form-data')], { bodyJson: '{"id":-9007199254740993}' });
    expect(parts.text).toContain('name="id"\r\n\r\n-9007199254740993\r\n');
  });

  test('that is a text already goes out as it is', () => {
    expect(build([form()], { body: 'a=1&b=2' }).text).toBe('a=1&b=2');
  });

  test('cannot be a list', () => {
    expect(failure([form()], { body: [1] })).toBe(
      'Expected the request body as an object for application/x-www-form-urlencoded, got an array of 1 item.',
    );
  });
});

describe('a multipart body', () => {
  const parts = (properties: MediaType['properties'], body: unknown, input: RequestInput = {}) => {
    const { bytes, type } = build([media('multipart/form-data', { properties })], { body, ...input });
    const boundary = /boundary=(\S+)$/.exec(type ?? '')?.[1] ?? '';
    const text = bytes?.toString('latin1') ?? '';
    expect(text.endsWith(`--${boundary}--\r\n`)).toBe(true);
    return text
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => part.replace(/^\r\n/, '').replace(/\r\n$/, ''));
  };

  test('has a part a property, objects as JSON, lists one part an item, nulls left out', () => {
    expect(parts(undefined, { a: 'x', n: 5, o: { b: 1 }, l: ['y', { c: 2 }], gone: null })).toEqual([
      'Content-Disposition: form-data; name="a"\r\n\r\nx',
      'Content-Disposition: form-data; name="n"\r\n\r\n5',
      'Content-Disposition: form-data; name="o"\r\nContent-Type: application/json\r\n\r\n{"b":1}',
      'Content-Disposition: form-data; name="l"\r\n\r\ny',
      'Content-Disposition: form-data; name="l"\r\nContent-Type: application/json\r\n\r\n{"c":2}',
    ]);
  });

  test('has files from base64, by the schema or by $file, and from bytes', () => {
    const body = {
      plain: base64('one'),
      many: [base64('two'), base64('three')],
      named: { $file: { base64: base64('four'), filename: 'a"b\r\n.png', content_type: 'image/png' } },
      raw: Buffer.from([0, 255]),
    };
    const declared = { plain: property({ binary: true }), many: property({ binary: true, schema: schema('array') }) };
    expect(parts(declared, body)).toEqual([
      'Content-Disposition: form-data; name="plain"; filename="plain"\r\nContent-Type: application/octet-stream\r\n\r\none',
      'Content-Disposition: form-data; name="many"; filename="many"\r\nContent-Type: application/octet-stream\r\n\r\ntwo',
      'Content-Disposition: form-data; name="many"; filename="many"\r\nContent-Type: application/octet-stream\r\n\r\nthree',
      'Content-Disposition: form-data; name="named"; filename="a%22b%0D%0A.png"\r\nContent-Type: image/png\r\n\r\nfour',
      'Content-Disposition: form-data; name="raw"; filename="raw"\r\nContent-Type: application/octet-stream\r\n\r\n\u0000\u00ff',
    ]);
  });

  test.each([
    [{ contentType: 'application/json' }, 'x', 'Content-Type: application/json\r\n\r\n"x"'],
    [
      { contentType: 'application/json', schema: schema('object') },
      '{"a":1}',
      'Content-Type: application/json\r\n\r\n{"a":1}',
    ],
    [
      { contentType: 'application/json; charset=utf-8' },
      { a: 1 },
      'Content-Type: application/json; charset=utf-8\r\n\r\n{"a":1}',
    ],
    [
      { contentType: 'application/json', schema: schema('array') },
      ['x', { a: 1 }],
      'Content-Type: application/json\r\n\r\n"x"',
    ],
    [{ contentType: 'text/csv' }, 'a,b', 'Content-Type: text/csv\r\n\r\na,b'],
    [{ contentType: 'image/png, image/jpeg', binary: true }, base64('p'), 'Content-Type: image/png\r\n\r\np'],
    [{ contentType: 'image/*', binary: true }, base64('p'), 'Content-Type: application/octet-stream\r\n\r\np'],
  ])('with the encoding %j writes %j in that type', (changes, value, want) => {
    expect(parts({ k: property(changes) }, { k: value })[0]).toContain(want);
  });

  test.each([
    [{ style: 'form', explode: false } as const, ['a b', 'c'], ['name="k"\r\n\r\na b,c']],
    [{ explode: true } as const, { a: 1, b: 'x&y' }, ['name="a"\r\n\r\n1', 'name="b"\r\n\r\nx&y']],
    [{ style: 'deepObject', explode: true } as const, { a: { b: 1 } }, ['name="k[a][b]"\r\n\r\n1']],
    [{ style: 'pipeDelimited' } as const, ['a', 'b'], ['name="k"\r\n\r\na|b']],
  ])('with the style %j writes %j without percent-encoding', (encoding, value, want) => {
    expect(parts({ k: property(encoding) }, { k: value })).toEqual(
      want.map((text) => `Content-Disposition: form-data; ${text}`),
    );
  });

  test('has names in UTF-8 and a boundary of its own making or as given', () => {
    expect(Buffer.from(parts(undefined, { é: 1 })[0] ?? '', 'latin1').toString('utf8')).toContain('name="é"');
    const headers = { 'content-type': 'multipart/mixed; boundary=here' };
    const { text, type } = build([media('multipart/mixed')], { body: { a: 1 }, headers });
    expect(type).toBe('multipart/mixed; boundary=here');
    expect(text).toMatch(/^--here\r\n/);
  });

  test.each([
    [{ k: property({ binary: true }) }, { k: 'not base64!' }, 'Expected k to be base64 text.'],
    [{ k: property({}) }, { k: { $file: { base64: 5 } } }, 'Expected k to be base64 text in "$file.base64".'],
    [
      {},
      { k: { $file: { filename: 'a' } } },
      'Expected a field of the request body to be either "base64" or "blob" in "$file", and got neither.',
    ],
    [
      {},
      { k: { $file: { base64: 'AAAA', blob: 'b' } } },
      'Expected a field of the request body to be either "base64" or "blob" in "$file", and got both.',
    ],
    [
      {},
      { k: { $file: { blob: 'b' } } },
      'Expected a field of the request body to be the name of an uploaded blob in "$file.blob".',
    ],
    [{}, { k: { $file: 'x' } }, 'Expected a field of the request body to be an object in "$file".'],
    [{}, 'text', 'Expected the request body as an object for multipart/form-data, got a string of 4 characters.'],
    [
      { k: property({ contentType: 'application/xml' }) },
      { k: { a: 1 } },
      'Expected k to be a text of application/xml, got an object of 1 property.',
    ],
  ])('of %j cannot be made of %j', (properties, body, message) => {
    expect(failure([media('multipart/form-data', { properties })], { body })).toBe(message);
  });
});

describe('other bodies', () => {
  test.each([
    ['text/plain', 'é', Buffer.from('é')],
    ['text/plain', 5, Buffer.from('5')],
    ['text/plain', { a: 1 }, Buffer.from('{"a":1}')],
    ['text/plain; charset=iso-8859-1', 'é', Buffer.from([0xe9])],
    ['application/xml', '<a>é</a>', Buffer.from('<a>é</a>')],
    ['application/soap+xml', '<a/>', Buffer.from('<a/>')],
    ['text/csv', 'a,b\n', Buffer.from('a,b\n')],
    ['application/yaml', { a: 1 }, Buffer.from('{"a":1}')],
    ['application/graphql', '{ a }', Buffer.from('{ a }')],
    ['application/x-ndjson', [{ a: 1 }, 2], Buffer.from('{"a":1}\n2\n')],
    ['application/x-ndjson', '{"a":1}\n', Buffer.from('{"a":1}\n')],
    ['application/json-seq', [1], Buffer.from('\u001e1\n')],
    ['application/octet-stream', base64('\u0000\u00ff'), Buffer.from('\u0000\u00ff')],
    ['application/octet-stream', '_-8', Buffer.from([0xff, 0xef])],
    ['application/pdf', base64('%PDF'), Buffer.from('%PDF')],
    ['application/x-own', { a: [1] }, Buffer.from('{"a":[1]}')],
    ['application/x-amz-json-1.1', [1], Buffer.from('[1]')],
    ['application/vnd.own', 'not base64!', Buffer.from('not base64!')],
    ['application/vnd.own', base64('\u00ff'), Buffer.from('\u00ff')],
    ['application/vnd.own', 5, Buffer.from('5')],
    ['image/png', `data:image/png;base64,${base64('p')}`, Buffer.from('p')],
    ['application/octet-stream', Buffer.from([1, 2]), Buffer.from([1, 2])],
    ['application/octet-stream', { $file: { base64: base64('f') } }, Buffer.from('f')],
  ])('in %s of %j are right', (contentType, body, want) => {
    const built = build([media(contentType)], { body });
    expect(built.type).toBe(contentType);
    expect(built.bytes).toEqual(want);
  });

  test.each([
    ['application/octet-stream', 'not base64!', 'Expected the request body to be base64 text.'],
    [
      'application/octet-stream',
      { a: 1 },
      'Expected the request body as base64 text for application/octet-stream, got an object of 1 property.',
    ],
    [
      'application/xml',
      { a: 1 },
      'Expected the request body as text for application/xml, got an object of 1 property.',
    ],
    ['text/csv', [1], 'Expected the request body as text for text/csv, got an array of 1 item.'],
  ])('in %s cannot be made of %j', (contentType, body, message) => {
    expect(failure([media(contentType)], { body })).toBe(message);
  });
});

describe('a file that names a blob', () => {
  const blobs = new Map([
    ['one', Buffer.from('first')],
    ['two', Buffer.from([0, 255])],
  ]);
  const one = { $file: { blob: 'one', filename: 'a.txt', content_type: 'text/plain' } };
  const two = { $file: { blob: 'two' } };
  const bodyJson = (value: unknown) => ({ bodyJson: JSON.stringify(value), blobs });

  test('is told before, each once', () => {
    expect(blobsIn(JSON.stringify({ a: one, l: [two, { deep: one }] }))).toEqual(['one', 'two']);
    expect(blobsIn(Buffer.from('{"a":{"$file":{"base64":"AAAA"}}}'))).toEqual([]);
    expect(blobsIn('{"blob":"one"}')).toEqual([]);
    expect(blobsIn('{"$file":{"blob":"one"},"other":1}')).toEqual([]);
  });

  test('is sent as its bytes in multipart, and alone', () => {
    const { bytes } = build([media('multipart/form-data')], bodyJson({ f: one, l: [two, two] }));
    const text = bytes?.toString('latin1');
    expect(text).toContain('name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nfirst\r\n');
    expect(text?.split('name="l"; filename="l"\r\nContent-Type: application/octet-stream\r\n\r\n\0ÿ\r\n')).toHaveLength(
      3,
    );
    expect(build([media('application/octet-stream')], bodyJson(two)).bytes).toEqual(Buffer.from([0, 255]));
    expect(build([media('application/json')], bodyJson(one))).toMatchObject({
      text: 'first',
      type: 'application/json',
    });
  });

  test('is base64 inside JSON and forms', () => {
    expect(build([media('application/json')], bodyJson({ a: [one] })).text).toBe('{"a":["Zmlyc3Q="]}');
    expect(build([media('application/x-ndjson')], bodyJson([{ a: two }])).text).toBe('{"a":"AP8="}\n');
    expect(build([media('application/x-www-form-urlencoded')], bodyJson({ a: two })).text).toBe('a=AP8%3D');
    expect(build([media('multipart/form-data')], bodyJson({ o: { a: two } })).text).toContain('{"a":"AP8="}');
  });

  test('that nobody uploaded is refused, and its name not repeated', () => {
    expect(failure([media('multipart/form-data')], bodyJson({ f: { $file: { blob: 'x' } } }))).toBe(
      'Expected "$file.blob" to name an uploaded blob, got a name that none has.',
    );
    expect(failure([media('application/json')], { bodyJson: '{"f":{"$file":{"blob":"one"}}}' })).toBe(
      'Expected "$file.blob" to name an uploaded blob, got a name that none has.',
    );
  });

  test('may not be named so often that memory runs out', () => {
    const large = new Map([['one', Buffer.alloc(64 * 1024 * 1024)]]);
    expect(failure([media('multipart/form-data')], { body: { l: [one, one, one, one, one] }, blobs: large })).toBe(
      'Expected files of at most 268435456 bytes in one body, got more.',
    );
  });
});
