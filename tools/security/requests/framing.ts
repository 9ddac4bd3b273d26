import { basic, request } from './attack.js';
import type { Attack, Target } from './attack.js';

const INNER = 'GET /v1/api/smuggled HTTP/1.1\r\nHost: callboard\r\n\r\n';
const BODY = `0\r\n\r\n${INNER}`;

/** How many bytes a server may take for the length of a body that two readers could understand differently. */
const LENGTHS: Readonly<Record<string, readonly string[]>> = {
  'length and chunks': ['Content-Length: 5', 'Transfer-Encoding: chunked'],
  'chunks and length': ['Transfer-Encoding: chunked', 'Content-Length: 5'],
  'two lengths': ['Content-Length: 5', 'Content-Length: 60'],
  'two equal lengths': ['Content-Length: 5', 'Content-Length: 5'],
  'a list of lengths': ['Content-Length: 5, 60'],
  'a signed length': ['Content-Length: +5'],
  'a negative length': ['Content-Length: -1'],
  'a length in hexadecimal': ['Content-Length: 0x5'],
  'a length with an exponent': ['Content-Length: 5e1'],
  'a length with a fraction': ['Content-Length: 5.0'],
  'a length beyond 64 bits': ['Content-Length: 99999999999999999999999'],
  'an empty length': ['Content-Length:'],
  'a length behind a space': ['Content-Length : 5'],
  'a length in a folded header': ['X-A: b', ' Content-Length: 5'],
  'a length behind a vertical tab': ['Content-Length:\x0b5'],
  'a length with a null byte': ['Content-Length: 5\0'],
  'a length with an underscore': ['Content_Length: 5', 'Transfer-Encoding: chunked', 'Content-Length: 5'],
  'chunked twice': ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', 'Content-Length: 5'],
  'chunked, then identity': ['Transfer-Encoding: chunked, identity'],
  'identity, then chunked': ['Transfer-Encoding: identity, chunked'],
  'an unknown coding': ['Transfer-Encoding: wonders'],
  'chunked with a prefix': ['Transfer-Encoding: xchunked'],
  'chunked in quotes': ['Transfer-Encoding: "chunked"'],
  'chunked behind a vertical tab': ['Transfer-Encoding:\x0bchunked', 'Content-Length: 5'],
  'chunked behind a space': ['Transfer-Encoding : chunked', 'Content-Length: 5'],
  'chunked in a folded header': ['Transfer-Encoding:', ' chunked', 'Content-Length: 5'],
  'chunked behind a bare carriage return': ['X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 5'],
  'chunked behind a bare line feed': ['X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 5'],
};

const CHUNKS: Readonly<Record<string, string>> = {
  'a size that is no number': 'g\r\nabc\r\n0\r\n\r\n',
  'a negative size': '-3\r\nabc\r\n0\r\n\r\n',
  'a size beyond 64 bits': 'fffffffffffffffff\r\nabc\r\n0\r\n\r\n',
  'a size with 0x': '0x3\r\nabc\r\n0\r\n\r\n',
  'a size with a space': '3 \r\nabc\r\n0\r\n\r\n',
  'a size of nothing': '\r\nabc\r\n0\r\n\r\n',
  'a chunk longer than its size': '2\r\nabc\r\n0\r\n\r\n',
  'a chunk without an end': '3\r\nabc0\r\n\r\n',
  'bare line feeds': '3\nabc\n0\n\n',
  'an extension of 100 KB': `3;${'a'.repeat(100_000)}\r\nabc\r\n0\r\n\r\n`,
  'an extension with a line feed': '3;a\nb\r\nabc\r\n0\r\n\r\n',
  'trailers of 100 KB': `0\r\n${'X-A: b\r\n'.repeat(12_500)}\r\n`,
  'a trailer that frames': '0\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n',
  'chunks without a last one': '3\r\nabc\r\n',
  'ten thousand chunks of a byte': `${'1\r\n \r\n'.repeat(10_000)}0\r\n\r\n`,
};

/** Requests whose end two servers in a row could see in different places. */
export function framingAttacks(target: Target): Attack[] {
  const known = `Authorization: ${basic(target)}`;
  return [
    ...Object.entries(LENGTHS).flatMap(([name, headers]) =>
      (['known', 'a stranger'] as const).map((who) => ({
        name: `framing: ${name}, from ${who}`,
        bytes: request('POST /v1/api/scheduler/process', [...(who === 'known' ? [known] : []), ...headers], BODY),
        isOne: true,
      })),
    ),
    ...Object.entries(CHUNKS).map(([name, body]) => ({
      name: `chunks: ${name}`,
      bytes: request(
        'POST /v1/api/scheduler/process',
        [known, 'Content-Type: application/json', 'Transfer-Encoding: chunked'],
        body,
      ),
      isOne: true,
      statuses: [400, 408, 413, 422, 431],
    })),
    ...Object.entries(CHUNKS).map(([name, body]) => ({
      name: `chunks of an upload: ${name}`,
      bytes: request('POST /v1/api/blobs', [known, 'Transfer-Encoding: chunked'], body),
      isOne: true,
    })),
    {
      name: 'framing: a GET with a body that is a request',
      bytes: request('GET /v1/api/ping', [`Content-Length: ${INNER.length}`], INNER),
      isOne: true,
    },
    { name: 'framing: less body than told', bytes: request('POST /v1/api/spec', [known, 'Content-Length: 50'], '{}') },
    {
      name: 'framing: much more body than told',
      bytes: request(
        'POST /v1/api/spec',
        [known, 'Content-Type: application/json', 'Content-Length: 2'],
        `{}${'x'.repeat(1e6)}`,
      ),
    },
  ];
}
