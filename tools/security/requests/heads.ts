import { basic, request } from './attack.js';
import type { Attack, Target } from './attack.js';

const LINES: readonly string[] = [
  'get /v1/api/ping HTTP/1.1',
  'GETT /v1/api/ping HTTP/1.1',
  'G\0T /v1/api/ping HTTP/1.1',
  `${'A'.repeat(10_000)} / HTTP/1.1`,
  'TRACE /v1/api/spec/0/1 HTTP/1.1',
  'TRACK /v1/api/spec/0/1 HTTP/1.1',
  'CONNECT callboard:80 HTTP/1.1',
  'CONNECT /v1/api/ping HTTP/1.1',
  'PROPFIND /v1/api/spec HTTP/1.1',
  'PATCH /v1/api/spec HTTP/1.1',
  'M-SEARCH * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'OPTIONS /v1/api/spec HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET * HTTP/1.1',
  'GET  /v1/api/ping HTTP/1.1',
  'GET\t/v1/api/ping\tHTTP/1.1',
  'GET /v1/api/ping',
  'GET /v1/api/ping HTTP/0.9',
  'GET /v1/api/ping HTTP/1.0',
  'GET /v1/api/ping HTTP/2.0',
  'GET /v1/api/ping HTTP/9.9',
  'GET /v1/api/ping HTTP/1.1 HTTP/1.1',
  'GET /v1/api/ping FTP/1.1',
  'GET  HTTP/1.1',
  'GET ? HTTP/1.1',
  'GET v1/api/ping HTTP/1.1',
  'GET #/v1/api/ping HTTP/1.1',
  'GET http://callboard/v1/api/spec/0/1 HTTP/1.1',
  'GET http://evil.example/v1/api/spec/0/1 HTTP/1.1',
  'GET http://[::1 HTTP/1.1',
  'GET file:///etc/passwd HTTP/1.1',
  'GET //evil.example/v1/api/ping HTTP/1.1',
  'GET /v1/api/../../etc/passwd HTTP/1.1',
  'GET /v1/api/%2e%2e/%2e%2e/etc/passwd HTTP/1.1',
  'GET /v1/api\\..\\spec HTTP/1.1',
  'GET /v1/api/ping;a=b HTTP/1.1',
  'GET /v1/api/ping%00.json HTTP/1.1',
  'GET /v1/api/ping\0 HTTP/1.1',
  'GET /v1/api/p\x01ng HTTP/1.1',
  'GET /v1/api/\xff\xfe HTTP/1.1',
  'GET /v1/api/p%69ng HTTP/1.1',
  'GET /v1/API/PING HTTP/1.1',
  'GET /v1/api/ping/ HTTP/1.1',
  'GET /v1//api///ping HTTP/1.1',
  'GET /v1/api/%zz HTTP/1.1',
  'GET /v1/api/% HTTP/1.1',
  'GET /v1/api/%c0%af HTTP/1.1',
  'GET /v1/api/%ed%a0%80 HTTP/1.1',
  `GET /${'a'.repeat(7_000)} HTTP/1.1`,
  `GET /${'a'.repeat(12_000)} HTTP/1.1`,
  `GET /${'a'.repeat(100_000)} HTTP/1.1`,
  `GET /${'a/'.repeat(4_000)} HTTP/1.1`,
  `GET /v1/api/ping?${'a=b&'.repeat(2_000)} HTTP/1.1`,
  `GET /v1/api/ping?${'a[b]'.repeat(1_000)}=c HTTP/1.1`,
  'GET /v1/api/ping?__proto__[a]=b&constructor[prototype][a]=b HTTP/1.1',
];

/** Bytes that are no request, or several. */
const STREAMS: Readonly<Record<string, Buffer>> = {
  'a TLS hello': Buffer.from('16030100c8010000c40303'.padEnd(400, '00'), 'hex'),
  'the preface of HTTP/2': Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\x04\0\0\0\0\0'),
  'a greeting of SMTP': Buffer.from('EHLO callboard\r\nMAIL FROM:<a@b>\r\n'),
  'bytes of all values': Buffer.from(Array.from({ length: 4_096 }, (_, index) => index % 256)),
  'null bytes': Buffer.alloc(100_000),
  'line ends': Buffer.from('\r\n'.repeat(50_000)),
  'a mark of byte order': Buffer.from('\ufeffGET /v1/api/ping HTTP/1.1\r\nHost: a\r\n\r\n'),
  'bare line feeds': Buffer.from('GET /v1/api/ping HTTP/1.1\nHost: a\nConnection: close\n\n'),
  'bare carriage returns': Buffer.from('GET /v1/api/ping HTTP/1.1\rHost: a\rConnection: close\r\r'),
  'a head without an end': Buffer.from('GET /v1/api/ping HTTP/1.1\r\nHost: a\r\nX-A: '),
  'a head of a megabyte': Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(1_000_000)}`),
  'a thousand requests at once': Buffer.from(
    'GET /v1/api/spec/0/1 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000) +
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  ),
};

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'no value of host': ['Host:'],
  'two hosts': ['Host: evil.example'],
  'a thousand headers': Array.from({ length: 1_000 }, (_, index) => `X-${index}: a`),
  'a hundred equal headers': Array<string>(200).fill('X-A: a'),
  'a header without a name': [': a'],
  'a header without a colon': ['X-A'],
  'a name with a space': ['X A: b'],
  'a name with a null byte': ['X\0A: b'],
  'a name with bytes above ASCII': ['X-\xff: b'],
  'a value with a null byte': ['X-A: b\0c'],
  'a value with control characters': ['X-A: \x01\x1b[31m'],
  'a value with bytes above ASCII': ['X-A: \xff\xfe'],
  'a folded value': ['X-A: b', ' c'],
  'a name of prototypes': ['__proto__: a', 'constructor: b', 'hasOwnProperty: c', 'toString: d'],
  'an odd expectation': ['Expect: wonders'],
  'an expectation twice': ['Expect: 100-continue', 'Expect: 100-continue'],
  'an upgrade to websocket': [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  'an upgrade to h2c': ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
  'headers of the connection': ['Connection: Authorization, Host, Content-Length', 'Keep-Alive: timeout=1e9'],
  'a method override': [
    'X-HTTP-Method-Override: DELETE',
    'X-Original-URL: /v1/api/spec',
    'X-Rewrite-URL: /v1/api/spec',
  ],
  'forged addresses': [
    'X-Forwarded-For: 127.0.0.1',
    'X-Real-IP: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'X-Forwarded-Host: a',
  ],
  'ranges without end': [`Range: bytes=${'0-,'.repeat(1_000)}0-`],
  'a range backwards': ['Range: bytes=9-1, -0, --1', 'If-Range: "a"'],
  conditions: [
    'If-Match: *',
    'If-None-Match: W/"a", *',
    'If-Modified-Since: NaN',
    'If-Unmodified-Since: 99999999999999',
  ],
  'odd codings': [
    'Accept-Encoding: gzip;q=NaN, *;q=-1',
    'Accept: */*;q=9999',
    'Accept-Language: \xff',
    'Accept-Charset: ,',
  ],
  cookies: [`Cookie: ${'a=b; '.repeat(1_000)}`],
  'an odd traceparent': [
    'traceparent: 00-00000000000000000000000000000000-0000000000000000-ff',
    `tracestate: ${'a=b,'.repeat(500)}`,
  ],
  'an odd project': ['X-Project: ../default'],
  'a project of prototypes': ['X-Project: __proto__'],
  'an odd origin': ['Origin: null', 'Access-Control-Request-Method: DELETE', 'Access-Control-Request-Headers: *'],
  'an id of an event that is none': ['Last-Event-ID: \xff\x01'],
};

const AUTHORIZATIONS: readonly string[] = [
  '',
  'Basic',
  'Basic ',
  'Basic :',
  'Basic ====',
  'Basic !!!!',
  `Basic ${Buffer.from('no colon').toString('base64')}`,
  `Basic ${Buffer.from(':').toString('base64')}`,
  `Basic ${Buffer.from('a:b:c:d').toString('base64')}`,
  `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x00]).toString('base64')}`,
  `Basic ${Buffer.from('__proto__:constructor').toString('base64')}`,
  `Basic ${'QQ'.repeat(3_500)}`,
  'Bearer',
  'Bearer cb_',
  `Bearer cb_${'a'.repeat(7_000)}`,
  'Bearer cb_\xff\x01',
  'Bearer cb_../../etc/passwd',
  'Digest username="admin", realm="a", nonce="b", uri="/", response="c"',
  'Negotiate YIIB',
  'AWS4-HMAC-SHA256 Credential=a',
  "Basic ' OR 1=1 --",
  '{"$gt": ""}',
];

/** First lines, headers and streams that are not what they should be. */
export function headAttacks(target: Target): Attack[] {
  const known = `Authorization: ${basic(target)}`;
  return [
    ...LINES.map((line) => ({
      name: `line: ${shown(line)}`,
      bytes: Buffer.from(`${line}\r\nHost: a\r\n${known}\r\nConnection: close\r\n\r\n`, 'latin1'),
    })),
    ...Object.entries(STREAMS).map(([name, bytes]) => ({ name: `stream: ${name}`, bytes })),
    ...Object.entries(HEADERS).flatMap(([name, headers]) =>
      ['GET /v1/api/spec/0/1', 'GET /v1/api/scheduler/processes', 'POST /v1/api/blobs'].map((line) => ({
        name: `header: ${name}, ${line}`,
        bytes: request(line, [known, ...headers, ...(line.startsWith('POST') ? ['Content-Length: 0'] : [])]),
      })),
    ),
    ...AUTHORIZATIONS.flatMap((value, index) =>
      ['/v1/api/spec/0/1', '/v1/api/health'].map((path) => ({
        name: `authorization ${index}: ${shown(value)}, ${path}`,
        bytes: request(`GET ${path}`, [`Authorization: ${value}`]),
        statuses: path.endsWith('health') ? [200, 400, 401, 429] : [400, 401, 429],
      })),
    ),
    { name: 'two authorizations', bytes: request('GET /v1/api/spec/0/1', ['Authorization: Basic YTpi', known]) },
    { name: 'HEAD of a list', bytes: request('HEAD /v1/api/spec/0/1', [known]), isHead: true },
  ];
}

function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 40)}… (${text.length})` : text;
  return JSON.stringify(short);
}
