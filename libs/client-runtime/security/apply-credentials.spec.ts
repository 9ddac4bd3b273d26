import { describe, expect, test } from '@jest/globals';
import type { Operation, ReadyCredential, SecurityScheme } from '#core';
import { tables } from '#testing';
import type { RequestInput } from '../input.js';
import { buildRequest } from '../request.js';

const { operation, p, table } = tables;

function build(scheme: SecurityScheme, credential: ReadyCredential, input: RequestInput = {}, changes = {}) {
  const op: Operation = operation({ security: [{ 'my scheme': [] }], ...changes });
  const document = table([op], { securitySchemes: { 'my scheme': scheme } });
  return buildRequest(document, op, { ...input, credentials: { 'my scheme': credential } });
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const HEADER: SecurityScheme = { type: 'apiKey', in: 'header', name: 'X-Api-Key' };
const QUERY: SecurityScheme = { type: 'apiKey', in: 'query', name: 'api_key' };
const COOKIE: SecurityScheme = { type: 'apiKey', in: 'cookie', name: 'session' };

describe('a credential goes where its scheme says', () => {
  test('an API key as a header', () => {
    expect(build(HEADER, { value: 'k 1' }).headers).toContainEqual(['X-Api-Key', 'k 1']);
  });

  test('an API key in the query, encoded, after what else is there', () => {
    expect(build(QUERY, { value: 'a+b/c=&d é' }, { queryParams: { q: 1 } }).url).toBe(
      'http://h/x?q=1&api_key=a%2Bb%2Fc%3D%26d%20%C3%A9',
    );
  });

  test('an API key as a cookie, beside the others', () => {
    const cookies = { headers: { cookie: 'a=1' }, cookieParams: { b: 2 } };
    expect(build(COOKIE, { value: 'abc/+=' }, cookies).headers).toContainEqual(['Cookie', 'a=1; b=2; session=abc/+=']);
  });

  test.each<[SecurityScheme, ReadyCredential, string]>([
    [
      { type: 'http', scheme: 'basic' },
      { username: 'Aladdin', password: 'open sesame' },
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    ],
    [{ type: 'http', scheme: 'Basic' }, { username: 'üser', password: 'pä:ß£' }, `Basic ${base64('üser:pä:ß£')}`],
    [{ type: 'http', scheme: 'basic' }, { username: '', password: '' }, `Basic ${base64(':')}`],
    [{ type: 'http', scheme: 'bearer' }, { token: 't' }, 'Bearer t'],
    [{ type: 'http', scheme: 'bearer token' }, { token: 't' }, 'Bearer t'],
    [{ type: 'http', scheme: '' }, { token: 't' }, 'Bearer t'],
    [{ type: 'http', scheme: 'digest' }, { token: 'username="u"' }, 'Digest username="u"'],
    [{ type: 'http', scheme: 'ApiKey' }, { token: 't' }, 'ApiKey t'],
    [{ type: 'oauth2', flows: {} }, { token: 't' }, 'Bearer t'],
    [{ type: 'openIdConnect', openIdConnectUrl: '' }, { token: 't' }, 'Bearer t'],
  ])('%j with %j as Authorization: %s', (scheme, credential, want) => {
    expect(build(scheme, credential).headers).toContainEqual(['Authorization', want]);
  });

  test('and satisfies a parameter that is declared beside it', () => {
    const parameters = [p('query', 'api_key', { required: true }), p('query', 'z')];
    expect(build(QUERY, { value: 'k' }, { queryParams: { z: 1 } }, { parameters }).url).toBe(
      'http://h/x?api_key=k&z=1',
    );
    const header = [p('header', 'x-api-key', { required: true })];
    expect(build(HEADER, { value: 'k' }, {}, { parameters: header }).headers).toContainEqual(['X-Api-Key', 'k']);
    const cookie = [p('cookie', 'session', { required: true })];
    expect(build(COOKIE, { value: 'k' }, {}, { parameters: cookie }).headers).toContainEqual(['Cookie', 'session=k']);
  });
});

describe('what is given by hand wins', () => {
  test.each<[SecurityScheme, RequestInput]>([
    [HEADER, { headers: { 'x-api-key': 'mine' } }],
    [QUERY, { queryParams: { api_key: 'mine' } }],
    [COOKIE, { cookieParams: { session: 'mine' } }],
    [COOKIE, { headers: { Cookie: 'session=mine' } }],
  ])('over %j: %j', (scheme, input) => {
    const request = JSON.stringify(build(scheme, { value: 'theirs' }, input));
    expect(request).toContain('mine');
    expect(request).not.toContain('theirs');
  });

  test('and null is nothing given', () => {
    expect(build(HEADER, { value: 'k' }, { headers: { 'x-api-key': null } }).headers).toContainEqual([
      'X-Api-Key',
      'k',
    ]);
    expect(build(QUERY, { value: 'k' }, { queryParams: { api_key: null } }).url).toBe('http://h/x?api_key=k');
  });

  test('but a credential wins over the password in a URL', () => {
    const { headers } = build({ type: 'http', scheme: 'bearer' }, { token: 't' }, { url: 'http://u:p@h' });
    expect(headers.filter(([name]) => name === 'Authorization')).toEqual([['Authorization', 'Bearer t']]);
  });
});

test('several schemes of one requirement are sent together', () => {
  const op = operation({ security: [{ id: [], key: [] }] });
  const securitySchemes = { id: { ...HEADER, name: 'X-App-Id' }, key: QUERY };
  const credentials = { key: { value: 'k' }, id: { value: 'i' } };
  const request = buildRequest(table([op], { securitySchemes }), op, { credentials });
  expect(request.url).toBe('http://h/x?api_key=k');
  expect(request.headers).toContainEqual(['X-App-Id', 'i']);
});

test('credentials are not among the headers that may go to another origin', () => {
  expect(build(HEADER, { value: 'k' }).openHeaders).toEqual(['accept']);
});

describe('a refusal never shows the value', () => {
  test.each<[SecurityScheme, ReadyCredential, string]>([
    [
      { type: 'http', scheme: 'basic' },
      { username: 's3:cret', password: 'x' },
      'Expected a user name without a colon in the credential of "my scheme", since Basic authentication ends it there.',
    ],
    [
      HEADER,
      { value: 's3cret\r\nEvil: 1' },
      'The value of the header X-Api-Key holds a line break, another control character or one above U+00FF, which no header may.',
    ],
    [QUERY, { token: 's3cret' }, 'Expected the credential of "my scheme" (apiKey) as {"value"}, got {"token"}.'],
  ])('of %j', (scheme, credential, message) => {
    expect(() => build(scheme, credential)).toThrow(message);
  });
});
