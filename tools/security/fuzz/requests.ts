import fc from 'fast-check';
import { AppError, type OperationTable } from '#core';
import { buildRequest, type RequestInput } from '#client-runtime';
import { compileDocument, toTable } from '#openapi';
import { richDocuments } from '../../../libs/testing/documents/index.js';
import { asJson, oddText } from './mutated.js';
import { expect, type Target } from './target.js';

const BASE = 'https://api.example.com/v1/base';
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\u0080-\u{10ffff}]*$/u;
const URL_TEXT = /^https:\/\/api\.example\.com\/v1\/base[/?][!-~]*$/;
const CONNECTION = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
]);

interface Given {
  readonly table: number;
  readonly operation: number;
  readonly path: string;
  readonly isTable: boolean;
  readonly input: RequestInput;
}

const tables: OperationTable[] = [];
for (const document of Object.values(richDocuments())) {
  tables.push(toTable(await compileDocument(Buffer.from(JSON.stringify(document)))).table);
}

const value = fc.oneof(
  oddText,
  fc.jsonValue({ maxDepth: 2 }),
  fc.array(oddText, { maxLength: 3 }),
  fc.dictionary(oddText, oddText, { maxKeys: 3 }),
);
/** Of the names that the rich documents declare, and others. */
const name = fc.oneof(fc.constantFrom('id', 'limit', 'tags', 'filter', 'X-B', 'c', 'q', 'key', 'pet'), oddText);
const some = fc.dictionary(name, value, { maxKeys: 5 });

/** Builds requests: one that is built stays below its base, and no header can end early; else there is a sentence. */
export const requests: Target = {
  name: 'requests',
  inputs: asJson(
    fc.record({
      table: fc.nat({ max: 3 }),
      operation: fc.nat({ max: 9 }),
      isTable: fc.boolean(),
      path: fc.tuple(oddText, oddText).map(([a, b]) => `/${a}/{id}/${b}`),
      input: fc.record(
        { headers: some, queryParams: some, urlParams: some, cookieParams: some, body: value, contentType: oddText },
        { requiredKeys: [] },
      ),
    }),
  ),
  check(bytes) {
    const given = JSON.parse(bytes.toString()) as Given;
    const table = tables[given.table % tables.length];
    const found = table?.operations[given.operation % table.operations.length];
    if (!table || !found) return;
    const operation = given.isTable ? found : { ...found, path: given.path };
    const request = attempt(() => buildRequest(table, operation, { ...given.input, url: BASE }));
    if (request === null) return;
    expect(URL_TEXT.test(request.url), `the URL became ${JSON.stringify(request.url)}`);
    const url = new URL(request.url);
    expect(
      url.origin === 'https://api.example.com' && url.username === '' && url.password === '',
      `the URL leads to ${url.origin}`,
    );
    expect(/^\/v1\/base(\/|$)/.test(url.pathname), `the path became ${url.pathname}`);
    expect(url.hash === '', 'the URL has a fragment');
    for (const [header, text] of request.headers) {
      expect(HEADER_NAME.test(header), `there is a header ${JSON.stringify(header)}`);
      expect(!CONNECTION.has(header.toLowerCase()), `the header ${header} can be set`);
      expect(HEADER_VALUE.test(text), `the header ${header} has ${JSON.stringify(text)}`);
    }
    const names = request.headers.map(([header]) => header.toLowerCase());
    expect(new Set(names).size === names.length, 'a header stands twice');
    const again = attempt(() => buildRequest(table, operation, { ...given.input, url: BASE }));
    expect(JSON.stringify(again) === JSON.stringify(request), 'the same input becomes another request');
  },
};

/** Base addresses that users name: whatever is built goes to an http address without a user, or is refused. */
export const addresses: Target = {
  name: 'addresses',
  inputs: fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'HTTP:', '//', '', 'ftp://', 'javascript:', 'file:///', 'http:/\\'),
      oddText,
      fc.constantFrom('api.example.com', '[::1]', '127.1', ''),
      oddText,
    )
    .map((parts) => Buffer.from(parts.join(''))),
  check(bytes) {
    const [table] = tables;
    const [operation] = table?.operations ?? [];
    if (!table || !operation) return;
    const input = { url: bytes.toString(), urlParams: { id: 1 } };
    const request = attempt(() => buildRequest(table, operation, input));
    if (request === null) return;
    const url = new URL(request.url);
    expect(url.protocol === 'http:' || url.protocol === 'https:', `the protocol became ${url.protocol}`);
    expect(url.username === '' && url.password === '', 'the URL has a user');
    expect(/^[!-~]+$/.test(request.url), `the URL became ${JSON.stringify(request.url)}`);
    for (const [header, text] of request.headers) expect(HEADER_VALUE.test(text), `the header ${header} can end early`);
  },
};

/** What is made, or null where it is refused in order. */
function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
