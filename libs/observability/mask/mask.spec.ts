import { describe, expect, test } from '@jest/globals';
import { isCredentialName } from '#core';
import { LoggedBody, maskBody } from './mask-body.js';
import { maskHeaders } from './mask-headers.js';
import { maskText } from './mask-text.js';
import { redactUrl } from './redact-url.js';

const LIMIT = 4096;

describe('names of secrets', () => {
  test.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'x-api-key',
    'X-RapidAPI-Key',
    'api_key',
    'apikey',
    'key',
    'Ocp-Apim-Subscription-Key',
    'X-Auth-Token',
    'accessToken',
    'client_secret',
    'password',
    'newPasswordAgain',
    'PASSWD',
    'credentials',
    'X-Auth',
    'sessionId',
    'session',
    'jwt',
    'pass',
    'pass%77ord',
    'custkey',
    'CustKey',
    'appkeys',
    'pin',
    'custpin',
    'user_pin',
    'otp',
    'authCode',
  ])('%s is one', (name) => expect(isCredentialName(name)).toBe(true));

  test.each([
    'accept',
    'x-rapidapi-host',
    'author',
    'compass',
    'passenger',
    'keyboard',
    'monkey',
    'turkeys',
    'spin',
    'mapping',
    'code',
    'country_code',
    'headers',
    'keyword',
    'assignature',
    'www-authenticate',
    'name',
    'spec',
    'term',
    'user-agent',
    'Postman-Token',
    '%',
    '',
  ])('%j is none', (name) => expect(isCredentialName(name)).toBe(false));
});

describe('headers', () => {
  test('are spelled as usual, sorted, each an array, without Host', () => {
    const masked = maskHeaders({
      host: 'a',
      'user-agent': 'b',
      etag: 'c',
      'content-length': 5,
      via: ['d', 'e'],
      x: undefined,
    });
    expect(JSON.stringify(masked)).toBe('{"Content-Length":["5"],"Etag":["c"],"User-Agent":["b"],"Via":["d","e"]}');
  });

  test.each([
    ['authorization', 'Basic YWRtaW46YWRtaW4xMjM=', 'Basic xxxx'],
    ['authorization', 'bearer abc', 'bearer xxxx'],
    ['authorization', 'my secret key', 'xxxx'],
    ['cookie', 'a=b; c=d', 'xxxx'],
    ['x-rapidapi-key', 'THEi6IKsE3', 'xxxx'],
    ['postman-token', '76105005-6180-417e-8bee-83a91ef01f1e', '76105005-6180-417e-8bee-83a91ef01f1e'],
    ['referer', 'https://u:p@host/a?api_key=k&x=1', 'https://xxxx@host/a?api_key=xxxx&x=1'],
    ['location', '/callback?access_token=t', '/callback?access_token=xxxx'],
    ['accept', 'text/html;q=0.9', 'text/html;q=0.9'],
    ['content-type', 'application/json; charset=utf-8', 'application/json; charset=utf-8'],
    ['content-type', 'text/plain;charset="UTF-8"; note=s3cret', 'text/plain;charset="UTF-8"'],
    ['content-type', 'multipart/form-data; boundary=s3cret', 'multipart/form-data'],
    ['content-type', `text/plain; charset=${'s3cret'.repeat(5)}`, 'text/plain'],
    ['content-type', '', 'xxxx'],
    ['www-authenticate', 'Basic realm="Callboard"', 'Basic realm="Callboard"'],
    ['proxy-authenticate', 'Bearer realm="a",error="invalid_token"', 'Bearer realm="a",error="invalid_token"'],
    ['x-long', 'a'.repeat(600), `${'a'.repeat(512)}…`],
  ])('%s: %s', (name, value, want) => {
    expect(Object.values(maskHeaders({ [name]: value }).toJSON() as object)).toEqual([[want]]);
  });
});

describe('text', () => {
  test.each([
    ['nothing to hide', 'nothing to hide'],
    ['at 12:30 a=b', 'at 12:30 a=b'],
    ['connect amqp://guest:gu%40st@rabbitmq:5672/ failed', 'connect amqp://xxxx@rabbitmq:5672/ failed'],
    ['mongodb://u:p@h1,h2/db and https://t0ken@x/', 'mongodb://xxxx@h1,h2/db and https://xxxx@x/'],
    ['GET /a?api_key=s3cret&q=1 HTTP/1.1', 'GET /a?api_key=xxxx&q=1 HTTP/1.1'],
    ['password=s3cret&user=bob', 'password=xxxx&user=bob'],
    ['pass%77ord=s3cret&user=bob', 'pass%77ord=xxxx&user=bob'],
    ['Authorization: Basic YTpi\r\nAccept: */*', 'Authorization: xxxx\r\nAccept: */*'],
    ['credentials: a&b\r\nX: y', 'credentials: xxxx\r\nX: y'],
    ['Cookie: a=1; b=2\nX: y', 'Cookie: xxxx\nX: y'],
    ['sent Bearer eyJhbGciOi.x-y to it', 'sent Bearer xxxx to it'],
    ['{"password":"s3 \\"cret","a":"b"', '{"password":"xxxx","a":"b"'],
    ['{"password" : "s3cret', '{"password" : "xxxx"'],
    ['{"password":"s3cret\\', '{"password":"xxxx"'],
    ['{"pin":9876,"a":1', '{"pin":xxxx,"a":1'],
    ['GET /a?custkey=s3cret&q=1', 'GET /a?custkey=xxxx&q=1'],
    ['{"n":1,"token":1234,"x":"y"', '{"n":1,"token":xxxx,"x":"y"'],
    ['{"credentials":{"user":"a","pin":"b"},"x":1', '{"credentials":xxxx'],
    ["{'api-key': 's3cret', 'a': 1}", "{'api-key': 'xxxx', 'a': 1}"],
    ['"{\\"token\\":\\"s3cret\\",\\"a\\":1}"', '"{\\"token\\":\\"xxxx\\",\\"a\\":1}"'],
    ['"{\\"token\\":\\"s3 \\\\\\"cret\\",\\"a\\":1}"', '"{\\"token\\":\\"xxxx\\",\\"a\\":1}"'],
    ['"{\\"token\\":\\"s3cre', '"{\\"token\\":\\"xxxx\\"'],
    ['<a:password type="x">s3cret</a:password><b>c</b>', '<a:password type="x">xxxx</a:password><b>c</b>'],
    ['{"headers":{"x-any":"s3cret","accept":"*/*"},"a":', '{"headers":xxxx'],
    ['"{\\"headers\\":{\\"x-any\\":\\"s3cret\\"', '"{\\"headers\\":xxxx'],
    ['Expected headers: an object', 'Expected headers: an object'],
    ['token=', 'token='],
  ])('%j becomes %j', (text, want) => expect(maskText(text)).toBe(want));

  test.each([
    ['see https://user:pa', 'see https://xxxx'],
    ['sent Basic YW', 'sent Basic xxxx'],
    ['{"x":"y","secret":"s3', '{"x":"y","secret":"xxxx"'],
  ])('the beginning %j of a longer text becomes %j', (text, want) => expect(maskText(text, true)).toBe(want));

  test('a secret is masked wherever a text is cut', () => {
    const secret = 'S3CRETVALUE';
    const texts = [
      `{"a":"b","password":"${secret}","headers":{"x-api-key":"${secret}"}}`,
      `user=bob&password=${secret}&token=${secret}`,
      `see https://user:${secret}@host/path?access_token=${secret}`,
      `Authorization: Bearer ${secret}\r\nCookie: sid=${secret}`,
    ];
    for (const text of texts) {
      for (let length = 1; length <= text.length; length += 1) {
        expect(maskText(text.slice(0, length), length < text.length)).not.toContain('S3C');
      }
    }
  });

  test.each([
    ['a'.repeat(4096)],
    ['a.'.repeat(2048)],
    ['a='.repeat(2048)],
    ['token="'.repeat(600)],
    [`token:${'\\"'.repeat(2000)}`],
    ['<token '.repeat(600)],
    ['://'.repeat(1400)],
    ['Basic '.repeat(700)],
    [`a${' '.repeat(4000)}`],
    [`<${'a'.repeat(64_000)}`],
    [`<${'a '.repeat(32_000)}`],
  ])('hostile text %# takes no long time', (text) => {
    const before = process.cpuUsage();
    maskText(text, true);
    // 2 ms measured at most; what grows with the square takes seconds.
    expect(process.cpuUsage(before).user).toBeLessThan(200_000);
  });
});

describe('bodies', () => {
  test('that are parsed are masked by structure at any depth', () => {
    const body = {
      service: 'filmot',
      headers: {
        'X-RapidAPI-Key': 's3cret',
        'X-Custom-Thing': 's3cret',
        'X-N': 5,
        'X-A': ['s3cret'],
        Authorization: null,
      },
      credentials: { basic: { username: 'u', password: 's3cret' } },
      query_params: { api_key: 's3cret', custkey: 's3cret', pin: 5, term: 'x' },
      url_params: { custpin: 5, id: 7 },
      cookie_params: { theme: 's3cret' },
      req_body: [{ user: { password: { old: 's3cret' }, token: 5, pass: '' } }],
      url: 'https://u:s3cret@host/?token=s3cret',
    };
    const logged = maskBody(body, LIMIT);
    expect(logged?.isJson).toBe(true);
    expect(JSON.parse(logged?.text ?? '')).toEqual({
      service: 'filmot',
      headers: {
        'X-RapidAPI-Key': 'xxxx',
        'X-Custom-Thing': 'xxxx',
        'X-N': 'xxxx',
        'X-A': 'xxxx',
        Authorization: null,
      },
      credentials: 'xxxx',
      query_params: { api_key: 'xxxx', custkey: 'xxxx', pin: 'xxxx', term: 'xxxx' },
      url_params: { custpin: 'xxxx', id: 'xxxx' },
      cookie_params: 'xxxx',
      req_body: 'xxxx',
      url: 'https://xxxx@host/?token=xxxx',
    });
  });

  test.each([
    [{ headers: 's3cret' }, '{"headers":"xxxx"}'],
    [{ headers: [{ name: 'a', value: 's3cret' }] }, '{"headers":"xxxx"}'],
    [{ a: [{ Headers: { b: 's3cret' } }] }, '{"a":[{"Headers":{"b":"xxxx"}}]}'],
    [{ req_body: { s3cret: 1 } }, '{"req_body":"xxxx"}'],
    [{ headers: {} }, '{"headers":{}}'],
    [{ headers: null }, '{"headers":null}'],
    [{ headers: { toJSON: 's3cret', __proto__: 1 } }, '{"headers":{"toJSON":"xxxx"}}'],
    [JSON.parse('{"headers":{"__proto__":"s3cret"}}') as object, '{"headers":{"__proto__":"xxxx"}}'],
  ])('no value of headers is told: %j', (body, want) => expect(maskBody(body, LIMIT)?.text).toBe(want));

  test.each<[string, unknown, string | undefined, boolean]>([
    ['JSON as text', '{"token":"s", "a":1}', '{"token":"xxxx","a":1}', true],
    ['JSON as bytes', Buffer.from('[1,{"password":"s"}]'), '[1,{"password":"xxxx"}]', true],
    ['a form', 'password=s&a=1', 'password=xxxx&a=1', false],
    ['broken JSON', '{"password":"s",', '{"password":"xxxx",', false],
    ['a number', 5, '5', true],
    ['false', false, 'false', true],
    [
      'odd values',
      { a: undefined, b: NaN, c: 5n, d: () => 1, e: new Date(0), f: Buffer.alloc(9) },
      '{"b":null,"c":"5","e":"1970-01-01T00:00:00.000Z","f":"(9 bytes)"}',
      true,
    ],
    ['an empty object', {}, '{}', true],
    ['nothing', undefined, undefined, false],
    ['null', null, undefined, false],
    ['an empty text', '', undefined, false],
    ['no bytes', Buffer.alloc(0), undefined, false],
    ['a stream', { pipe: () => undefined }, undefined, false],
  ])('%s', (_, body, text, isJson) => {
    const logged = maskBody(body, LIMIT);
    expect(logged).toEqual(text === undefined ? undefined : new LoggedBody(text, isJson));
  });

  test('a long text inside is cut and its length told; nothing of a document is', () => {
    const body = { name: 'Filmot', note: 'b3Bl'.repeat(10_000), spec: 'b3Bl' };
    expect(maskBody(body, LIMIT)?.text).toBe(
      `{"name":"Filmot","note":"${'b3Bl'.repeat(16)}…(40000 characters)","spec":"xxxx"}`,
    );
  });

  test.each<[string, unknown]>([
    ['objects', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`field${i}`, i]))],
    ['arrays', Array.from({ length: 5000 }, () => 'é')],
    ['text', 'é'.repeat(5000)],
    ['bytes', Buffer.from('é'.repeat(5000))],
    ['broken JSON with a secret at the cut', `{"a":"${'x'.repeat(85)}","password":"s3cretissimo`],
  ])('%s above the cap are cut in bytes, marked, and are no JSON', (_, body) => {
    const logged = maskBody(body, 100);
    expect(Buffer.byteLength(logged?.text ?? '')).toBeLessThanOrEqual(100 + Buffer.byteLength('…'));
    expect(logged?.isJson).toBe(false);
    expect(logged?.text).not.toMatch(/s3c|\uFFFD/);
  });

  test('deep nesting ends in a mark, not in an overflow', () => {
    const deep: unknown = JSON.parse('['.repeat(5000) + ']'.repeat(5000));
    expect(maskBody(deep, LIMIT)?.text).toBe(`${'['.repeat(32)}"…"${']'.repeat(32)}`);
  });

  test('a cap of 0 keeps nothing', () => expect(maskBody({ a: 1 }, 0)).toBeUndefined());

  test('names that objects inherit are names like others', () => {
    expect(maskBody(JSON.parse('{"__proto__":{"token":"s"},"constructor":1}'), LIMIT)?.text).toBe(
      '{"__proto__":{"token":"xxxx"},"constructor":1}',
    );
  });
});

test.each([
  ['amqp://guest:guest@rabbitmq:5672/', 'amqp://rabbitmq:5672/'],
  ['mongodb://u:p@ss/w?rd@h1,h2/db', 'mongodb://h1,h2/db'],
  ['redis://:p@cache:6379/0?password=p', 'redis://cache:6379/0?password=xxxx'],
  ['mongodb://mongodb:27017', 'mongodb://mongodb:27017'],
  ['not an address', 'not an address'],
])('the address %s is shown as %s', (address, want) => expect(redactUrl(address)).toBe(want));
