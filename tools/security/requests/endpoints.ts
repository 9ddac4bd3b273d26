import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { basic, jsonRequest, request } from './attack.js';
import type { Attack, Target } from './attack.js';
import { hostileBodies, hostileValues } from './hostile-values.js';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  /** A body that the operation takes as it is; undefined: it takes none. */
  readonly example: Record<string, unknown> | undefined;
}

/** In place of each parameter of a path. */
const PATHS: readonly string[] = [
  '..',
  '.',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '..%5c..%5cetc',
  '%252e%252e%252f',
  '%00',
  'AAAAAAAAAAAAAAAA%00',
  'AAAAAAAAAAAAAAA%2F',
  '__proto__',
  'constructor',
  '%ff%fe',
  '%ed%a0%80',
  '%F0%9F%98%80',
  '-1',
  '0x10',
  '1e9',
  'NaN',
  '99999999999999999999',
  '%24ne',
  "'%20OR%201=1--",
  '%7B%22%24gt%22%3A%22%22%7D',
  '%0d%0aX-A:%20b',
  'a'.repeat(6_000),
];

/** In place of the value of each parameter of a query. */
const QUERIES: readonly string[] = [
  '',
  '%00',
  '%ff',
  '%',
  '-1',
  '1e999',
  'NaN',
  'Infinity',
  '99999999999999999999',
  '0x10',
  '1;drop',
  '__proto__',
  '%7B%22%24ne%22%3A1%7D',
  '2026-02-30T00:00:00Z',
  '%2B275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  '%F0%9F%98%80',
  '%ed%a0%80',
  'a'.repeat(4_000),
];

/** Every operation of our own document with hostile values in each place that it has. */
export function endpointAttacks(target: Target): Attack[] {
  const known = [`Authorization: ${basic(target)}`];
  return operations().flatMap((operation) => [
    ...pathAttacks(operation, known),
    ...queryAttacks(operation, known),
    ...bodyAttacks(operation, known),
    ...headerAttacks(operation, known),
  ]);
}

function operations(): Operation[] {
  const file = join(import.meta.dirname, '../../../docs/swagger/openapi.json');
  interface Described {
    readonly parameters?: Operation['parameters'];
    readonly requestBody?: { readonly content: Record<string, { readonly example?: Record<string, unknown> }> };
  }
  // Nothing is called by these: the service of the examples is somebody else's.
  const text = readFileSync(file, 'utf8').replace(/"service": "filmot"/gi, '"service": "nobody"');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      example: requestBody?.content['application/json']?.example,
    })),
  );
}

function line({ method, path }: Operation, query = ''): string {
  return `${method} ${path.replace(/\{[^}]*\}/g, 'AAAAAAAAAAAAAAAA')}${query}`;
}

function pathAttacks(operation: Operation, known: readonly string[]): Attack[] {
  const { method, path } = operation;
  return [...path.matchAll(/\{[^}]*\}/g)].flatMap(([parameter]) =>
    PATHS.map((value) => ({
      name: `${method} ${path}: ${parameter} is ${value.slice(0, 40)}`,
      bytes: jsonRequest(
        `${method} ${path.replace(parameter, value).replace(/\{[^}]*\}/g, 'AAAAAAAAAAAAAAAA')}`,
        known,
        operation.example ? JSON.stringify(operation.example) : '',
      ),
    })),
  );
}

function queryAttacks(operation: Operation, known: readonly string[]): Attack[] {
  const names = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  return names.flatMap((name) => [
    ...QUERIES.map((value) => ({
      name: `${operation.method} ${operation.path}: ?${name}=${value.slice(0, 40)}`,
      bytes: request(line(operation, `?${name}=${value}`), known),
    })),
    {
      name: `${operation.method} ${operation.path}: ?${name} twice`,
      bytes: request(line(operation, `?${name}=1&${name}=2`), known),
    },
    {
      name: `${operation.method} ${operation.path}: ?${name}[]`,
      bytes: request(line(operation, `?${name}[]=1&${name}[a]=2`), known),
    },
  ]);
}

function bodyAttacks(operation: Operation, known: readonly string[]): Attack[] {
  const { method, path, example } = operation;
  if (!example) return [];
  const whole = Object.entries(hostileBodies(example)).map(([name, body]) => ({
    name: `${method} ${path}: ${name}`,
    bytes: jsonRequest(line(operation), known, body),
  }));
  const parts = Object.keys(example).flatMap((field) =>
    Object.entries(hostileValues()).map(([name, value]) => ({
      name: `${method} ${path}: ${field} is ${name}`,
      // As text, since not all of them can be had from a value.
      bytes: jsonRequest(
        line(operation),
        known,
        JSON.stringify({ ...example, [field]: '\ufffe' }).replace('"\ufffe"', () => value),
      ),
    })),
  );
  return [...whole, ...parts];
}

function headerAttacks(operation: Operation, known: readonly string[]): Attack[] {
  const { method, path, example } = operation;
  const body = example ? JSON.stringify(example) : '';
  const plain = (name: string, headers: readonly string[]): Attack => ({
    name: `${method} ${path}: ${name}`,
    bytes: request(line(operation), [...known, ...headers, `Content-Length: ${Buffer.byteLength(body)}`], body),
  });
  return [
    ...[
      'text/html',
      'application/json; charset=utf-7',
      'application/json; charset=utf-16',
      'application/json;;;=',
      '\xff',
      ', ',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      'application/json, text/xml',
      `application/json; ${'a=b;'.repeat(1_000)}`,
    ].map((type) => plain(`content type ${type.slice(0, 40)}`, [`Content-Type: ${type}`])),
    ...['gzip', 'br', 'deflate, gzip', 'identity', 'wonders'].map((coding) =>
      plain(`content coding ${coding}`, ['Content-Type: application/json', `Content-Encoding: ${coding}`]),
    ),
    ...['', '""', '"', '"\\"', '"a', `"${'a'.repeat(300)}"`, '\xff', '"\x01"', '"a", "b"'].map((key, index) =>
      plain(`idempotency key ${index}`, ['Content-Type: application/json', `Idempotency-Key: ${key}`]),
    ),
    ...[
      'wait=-1',
      'wait=NaN',
      'wait=1e9',
      'wait="',
      'handling=strict;;;=',
      ','.repeat(2_000),
      'wait=0;wait=9',
      '=\x01',
    ].map((preference, index) =>
      plain(`preference ${index}`, ['Content-Type: application/json', `Prefer: ${preference}`]),
    ),
  ];
}
