import { describe, expect, test } from '@jest/globals';
import type { MediaType, Operation, OperationTable, Parameter, ParameterStyle } from '#core';
import { tables } from '#testing';
import type { HttpRequest } from '../request.js';
import { buildRequest } from '../request.js';
import { textOf } from '../serialise/value.js';
import { credentialsOf, securityFaults } from './read-security.js';
import { readingFaults, selfCheck } from './self-check.js';

const { media, operation, p, property, schema, table } = tables;

const URL = 'http://self.check';

const check = (changes: Partial<Operation>) => selfCheck(table([operation(changes)]));

const VALUES = ['a', 5, true, '', 'a b/ü%&+#', ['x', 'y'], [1], [], { k: 'v', n: 2 }, {}, null, ['a,b', 'c']];
const STYLES: Record<Parameter['in'], readonly ParameterStyle[]> = {
  path: ['simple', 'label', 'matrix', 'spaceDelimited', 'pipeDelimited', 'tabDelimited'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'],
  querystring: [],
  header: ['simple'],
  cookie: ['form'],
};

describe('an operation passes', () => {
  const rows = (['path', 'query', 'header', 'cookie'] as const).flatMap((place) =>
    STYLES[place].flatMap((style) => [true, false].map((explode) => [place, style, explode] as const)),
  );
  test.each(rows)(
    'with a %s parameter in the style %s, exploded %s, whatever its example',
    async (place, style, explode) => {
      const operations = VALUES.map((example, i) =>
        operation({
          path: place === 'path' ? `/${i}/{v}/end` : `/${i}`,
          parameters: [p(place, 'v', { style, explode, example }), p('query', 'other', { example: 1 })],
        }),
      );
      expect(await selfCheck(table(operations))).toEqual([]);
    },
  );

  const bodies: [MediaType][] = [
    [media('application/json', { example: { a: [1, null, 'é'] } })],
    [media('application/json')],
    [
      media('application/x-www-form-urlencoded', {
        example: { a: 'b c+', l: [1, 2], o: { x: 1 }, n: null },
        required: ['r'],
      }),
    ],
    [
      media('application/x-www-form-urlencoded', {
        example: { a: ['x', 'y'], d: { e: { f: 1 } } },
        properties: {
          a: property({ style: 'form', explode: false }),
          d: property({ style: 'deepObject', explode: true }),
        },
      }),
    ],
    [
      media('multipart/form-data', {
        example: { text: 'é', file: 'not base64!', files: ['a', 'b'], o: { x: 1 }, l: ['p', 'q'], xml: { a: 1 } },
        properties: {
          file: property({ binary: true }),
          files: property({ binary: true, schema: schema('array') }),
          xml: property({ contentType: 'application/xml' }),
        },
        required: ['file', 'other'],
      }),
    ],
    [media('application/xml', { example: { a: 1 } })],
    [media('text/plain', { example: 'x' })],
    [media('text/plain; charset=iso-8859-1', { example: 'é' })],
    [media('application/x-ndjson', { example: [{ a: 1 }, 2] })],
    [media('application/octet-stream', { example: 'x' })],
    [media('image/*')],
    [media('*/*', { example: { a: 1 } })],
  ];
  test.each(bodies)('with the body %j', async (mediaType) => {
    expect(await check({ method: 'POST', requestBody: { required: true, content: [mediaType] } })).toEqual([]);
  });

  test('with examples that no request could carry', async () => {
    const parameters = [
      p('path', 'v', { example: null }),
      p('header', 'X-A', { required: true, example: 'a\r\nb' }),
      p('header', 'Content-Length', { required: true }),
      p('header', 'No Name', { required: true }),
      p('query', 'q', { required: true, example: null }),
      p('query', '__proto__', { example: 'x' }),
    ];
    expect(await check({ path: '/{v}/{undeclared}/{a}.{b}', parameters })).toEqual([]);
  });

  test('with a range among the media types, whatever suits its example better', async () => {
    const content = [
      media('*/*', { example: {} }),
      media('multipart/form-data', { required: ['must'], example: { must: true } }),
      media('text/plain, text/csv', { example: 'x' }),
      media('no media type', { example: { a: 1 } }),
    ];
    expect(await check({ method: 'POST', requestBody: { required: true, content } })).toEqual([]);
  });

  test('with an exploded object that has the name of another parameter', async () => {
    const parameters = [
      p('query', 'o', { example: { 'a-b': ['x'] } }),
      p('query', 'a-b', { explode: false, example: {} }),
    ];
    expect(await check({ parameters })).toEqual([]);
  });

  test('with more variables in a segment than could be told apart', async () => {
    const path = `/x${'{v}{w}-'.repeat(200)}/é`;
    expect(await check({ path })).toEqual([]);
  });

  test('with content parameters, reserved characters and empty values', async () => {
    const parameters = [
      p('path', 'j', { contentType: 'application/json', example: { a: '/' } }),
      p('query', 'j', { contentType: 'application/json', example: { a: [1] } }),
      p('header', 'J', { contentType: 'application/json', example: { é: 1 } }),
      p('cookie', 'j', { contentType: 'application/json', example: ['; '] }),
      p('query', 'r', { allowReserved: true, example: 'a/b?&#+[c]' }),
      p('query', 'e', { allowEmptyValue: true, example: [] }),
    ];
    expect(await check({ path: '/{j}', parameters })).toEqual([]);
  });
});

describe('credentials', () => {
  const securitySchemes: OperationTable['securitySchemes'] = {
    header: { type: 'apiKey', in: 'header', name: 'X-Key' },
    query: { type: 'apiKey', in: 'query', name: 'api key' },
    cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
    basic: { type: 'http', scheme: 'Basic' },
    own: { type: 'http', scheme: 'Token' },
    oauth: { type: 'oauth2', flows: {} },
    tls: { type: 'mutualTLS' },
    odd: { type: 'apiKey', in: 'header', name: 'no header name' },
  };
  const security = [
    {},
    { header: [], query: [], cookie: [], basic: [] },
    { own: [] },
    { header: [] },
    { oauth: ['a'], basic: [] },
    { tls: [] },
    { odd: [] },
    { unknown: [] },
  ];

  test('of every alternative are where their schemes say', async () => {
    const op = operation({ security, parameters: [p('cookie', 'c'), p('query', 'q')] });
    expect(await selfCheck(table([op], { securitySchemes }))).toEqual([]);
    expect(credentialsOf(table([op], { securitySchemes }), op).map(Object.keys)).toEqual([
      ['header', 'query', 'cookie', 'basic'],
      ['own'],
      ['header'],
      ['oauth', 'basic'],
    ]);
  });

  test('are not looked for where the document has a parameter of that name', async () => {
    const parameters = [p('header', 'x-key'), p('query', 'api key'), p('cookie', 'sid')];
    const op = operation({ security: [{ header: [], query: [], cookie: [] }], parameters });
    expect(await selfCheck(table([op], { securitySchemes }))).toEqual([]);
  });

  test.each([
    ['a header', 'header', (request: HttpRequest) => ({ ...request, headers: [] })],
    ['a query', 'query', (request: HttpRequest) => ({ ...request, url: request.url.replace('%2B', '+') })],
    ['a cookie', 'cookie', (request: HttpRequest) => ({ ...request, headers: [['Cookie', 'sid=x'] as const] })],
    [
      'a password',
      'basic',
      (request: HttpRequest) => ({ ...request, headers: [['Authorization', 'Basic x'] as const] }),
    ],
    ['a token', 'oauth', (request: HttpRequest) => ({ ...request, headers: [['Authorization', 'token-2'] as const] })],
  ])('that are lost in %s are seen', (_, name, change) => {
    const op = operation({ security: [{ [name]: [] }] });
    const document = table([op], { securitySchemes });
    const [credentials] = credentialsOf(document, op);
    const request = buildRequest(document, op, { credentials });
    expect(securityFaults(document, op, request, { credentials })).toEqual([]);
    expect(securityFaults(document, op, change(request), { credentials })).toEqual([
      `the credentials of ${name} are not where their schemes say.`,
    ]);
  });
});

describe('a fault is seen', () => {
  const op = operation({
    method: 'POST',
    path: '/a/{id}/b',
    parameters: [
      p('path', 'id'),
      p('query', 'tags'),
      p('query', 'deep', { style: 'deepObject' }),
      p('query', 'csv', { explode: false }),
      p('header', 'X-H', { explode: true }),
      p('cookie', 'c'),
    ],
    requestBody: {
      required: true,
      content: [media('multipart/form-data', { properties: { f: property({ binary: true }) } })],
    },
  });
  const input = {
    urlParams: { id: 'x/y' },
    queryParams: { tags: ['a', 'b'], deep: { k: { l: 1 } }, csv: ['a', 'b'] },
    headers: { 'X-H': { a: 1, b: 2 } },
    cookieParams: { c: ['1', '2'] },
    body: { f: Buffer.from('file').toString('base64'), o: { x: 1 } },
  };
  const example = { input, mediaType: op.requestBody?.content[0] };
  const good = buildRequest(table([op]), op, { ...input, url: URL });
  const body = (from: string, to: string) => ({
    body: Buffer.from((good.body ?? '').toString('latin1').replace(from, to), 'latin1'),
  });
  const header = (name: string, value: string) => ({
    headers: good.headers.map((given) => (given[0] === name ? ([name, value] as const) : given)),
  });
  const url = (from: string, to: string) => ({ url: good.url.replace(from, to) });

  test('but not where there is none', () => {
    expect(readingFaults(op, good, example)).toEqual([]);
  });

  test.each<[string, Partial<HttpRequest>]>([
    ['a value that left its segment', url('x%2Fy', 'x/y')],
    ['a wrong path value', url('x%2Fy', 'x%2Fz')],
    ['a path that became another', url('/b?', '/c?')],
    ['another host', url('self.check', 'other.check')],
    ['a lost list item', url('&tags=b', '')],
    ['list items in another order', url('tags=a&tags=b', 'tags=b&tags=a')],
    ['a list joined that should be repeated', url('tags=a&tags=b', 'tags=a,b')],
    ['a list repeated that should be joined', url('csv=a,b', 'csv=a&csv=b')],
    ['an encoded delimiter', url('csv=a,b', 'csv=a%2Cb,x')],
    ['a lost level', url('deep%5Bk%5D%5Bl%5D=1', 'deep%5Bk%5D=1')],
    ['a broken escape', url('tags=a', 'tags=%E0%A4%A')],
    ['a header in another style', header('X-H', 'a,1,b,2')],
    ['a lost header', { headers: good.headers.filter(([name]) => name !== 'X-H') }],
    ['a lost cookie', header('Cookie', 'c=1')],
    ['cookies joined as in a query', header('Cookie', 'c=1&c=2')],
    ['changed bytes of a file', body('file', 'fi1e')],
    ['a file without a name', body('; filename="f"', '')],
    ['an object that is no JSON', body('{"x":1}', '[object Object]')],
    ['a lost part type', body('\r\nContent-Type: application/json', '')],
    ['another boundary', header('Content-Type', 'multipart/form-data; boundary=no')],
    ['no body', { body: undefined }],
  ])('%s', (_, change) => {
    const changed = { ...good, ...change };
    expect(changed).not.toEqual(good);
    expect(readingFaults(op, changed, example)).toHaveLength(1);
  });

  test('and told with operation and place', async () => {
    const parameters = [p('query', 'q', { style: 'deepObject', example: 'x' })];
    const bad = operation({
      path: '/bad',
      method: 'POST',
      requestBody: { required: true, content: [media('application/xml')] },
    });
    expect(await selfCheck(table([operation({ parameters }), bad]))).toEqual([]);
    const unreadable = { ...good, url: good.url.replace('tags=a', 'tags=z') };
    expect(readingFaults(op, unreadable, example)).toEqual([
      expect.stringMatching(/^the query parameter tags does not read back as \["a","b"\] from /),
    ]);
  });
});

test.each(['.', '..', ['..'], ''])('an example %j that no path can hold is none', async (value) => {
  const parameters = [p('path', 'a', { example: value })];
  expect(await selfCheck(table([operation({ path: '/x/{a}/y', parameters })]))).toEqual([]);
});

test('random values of every style read back as they went in', () => {
  const random = sequence(42);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const texts = [
    'a',
    'b c',
    'ü',
    '日本',
    '😀',
    '/',
    '..',
    '.',
    '?',
    '#',
    '&',
    '=',
    '+',
    '%',
    '%41',
    ';',
    ':',
    '@',
    '"',
    '\\',
    '<>',
    '{}',
    '[]',
    '|',
    '~',
    '!',
    "'",
    '()',
    '*',
    ',',
    '\t',
    '0',
    'true',
  ];
  const text = () => Array.from({ length: Math.floor(random() * 4) + 1 }, () => pick(texts)).join('');
  const primitive = () => pick([text, text, () => Math.floor(random() * 1e6), () => random() < 0.5])();
  const list = () => Array.from({ length: Math.floor(random() * 4) + 1 }, primitive);
  const map = () =>
    Object.fromEntries(Array.from({ length: Math.floor(random() * 3) + 1 }, (_, i) => [`k${i}${text()}`, primitive()]));
  const faults: string[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    const place = pick(['path', 'query', 'cookie'] as const);
    // Swagger 2.0's delimiters take no part in paths: where they are encoded, an item that holds one reads as two.
    const style = pick(place === 'path' ? STYLES.path.slice(0, 3) : STYLES[place]);
    const value = pick([primitive, list, map])();
    // That would be a step to another path, and is refused.
    if (place === 'path' && /^\.{1,2}$/.test([value].flat().map(textOf).join())) continue;
    const name = `p${text()}`.replace(/[{}]/g, '');
    const parameter = p(place, name, { style, explode: random() < 0.5, example: value });
    const op = operation({ path: place === 'path' ? `/{${name}}/z` : '/z', parameters: [parameter] });
    const values = { [name]: value };
    const input = {
      urlParams: place === 'path' ? values : {},
      queryParams: place === 'query' ? values : {},
      cookieParams: place === 'cookie' ? values : {},
    };
    const request = buildRequest(table([op]), op, { ...input, url: URL });
    faults.push(
      ...readingFaults(op, request, { input }).map((fault) => `${style} ${String(parameter.explode)} ${fault}`),
    );
  }
  expect(faults).toEqual([]);
});

test('a large table is checked in turns with other work, and can be stopped', async () => {
  const operations = Array.from({ length: 2_000 }, (_, i) =>
    operation({ path: `/${i}`, parameters: [p('query', 'q')] }),
  );
  let turns = 0;
  const other = setInterval(() => {
    turns += 1;
  }, 1);
  expect(await selfCheck(table(operations))).toEqual([]);
  clearInterval(other);
  expect(turns).toBeGreaterThan(1);
  const reason = new Error('stop');
  await expect(selfCheck(table(operations), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('faults are told up to a number', async () => {
  const requestBody = { required: true, content: [media('multipart/form-data', { example: { 'a\0': { $file: 1 } } })] };
  const operations = Array.from({ length: 10 }, (_, i) => operation({ path: `/${i}`, method: 'POST', requestBody }));
  expect(await selfCheck(table(operations), { maxFaults: 3 })).toEqual([
    expect.stringMatching(/^POST \/0: Expected/),
    expect.stringMatching(/^POST \/1: Expected/),
    expect.stringMatching(/^POST \/2: Expected/),
  ]);
});

/** A small repeatable source of numbers between 0 and 1 (a linear congruential generator). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
