import { describe, expect, test } from '@jest/globals';
import { Permanent } from '#core';
import type { Credentials, Operation, SecurityScheme } from '#core';
import { tables } from '#testing';
import { chooseSecurity } from './choose-security.js';

const SCHEMES: Record<string, SecurityScheme> = {
  key: { type: 'apiKey', in: 'header', name: 'X-Key' },
  'app id': { type: 'apiKey', in: 'query', name: 'app_id' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'bearer' },
  oauth: { type: 'oauth2', flows: {} },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://h/.well-known/openid-configuration' },
  tls: { type: 'mutualTLS' },
};
const CREDENTIALS = {
  key: { value: 's3cr3t' },
  'app id': { value: 's3cr3t' },
  basic: { username: 'u', password: 's3cr3t' },
  bearer: { token: 's3cr3t' },
  oauth: { clientId: 'c', clientSecret: 's3cr3t' },
  oidc: { token: 's3cr3t' },
} satisfies Credentials;

function choose(security: Operation['security'], credentials: Credentials | null | undefined) {
  const op = tables.operation({ security });
  return chooseSecurity(tables.table([op], { securitySchemes: SCHEMES }), op, credentials);
}

function names(security: Operation['security'], ...given: (keyof typeof CREDENTIALS)[]): string[] {
  const credentials = Object.fromEntries(given.map((name) => [name, CREDENTIALS[name]]));
  return choose(security, credentials).map((use) => use.name);
}

describe('of the alternatives', () => {
  test('the first complete one is taken', () => {
    const security = [{ key: [], 'app id': [] }, { basic: [] }, { bearer: [] }];
    expect(names(security, 'bearer', 'basic')).toEqual(['basic']);
    expect(names(security, 'key', 'bearer')).toEqual(['bearer']);
    expect(names(security, 'bearer', 'app id', 'key')).toEqual(['key', 'app id']);
  });

  test('an incomplete one is taken where none is complete, the one with the most credentials', () => {
    const security = [
      { bearer: [], oauth: [] },
      { basic: [], key: [], 'app id': [] },
    ];
    expect(names(security, 'key', 'app id', 'oauth')).toEqual(['key', 'app id']);
    expect(names(security, 'key', 'oauth')).toEqual(['oauth']);
  });

  test('an empty one does not keep credentials back', () => {
    expect(names([{}, { key: [] }], 'key')).toEqual(['key']);
    expect(names([{}, { key: [] }], 'basic')).toEqual([]);
  });

  test('a client certificate is never waited for', () => {
    expect(names([{ tls: [], key: [] }, { basic: [] }], 'key', 'basic')).toEqual(['key']);
    expect(names([{ tls: [] }, { basic: [] }], 'basic')).toEqual(['basic']);
  });

  test('none is taken without requirements, without credentials, or for a scheme that nobody declared', () => {
    expect(names([], 'key')).toEqual([]);
    expect(choose([{ key: [] }], undefined)).toEqual([]);
    expect(choose([{ key: [] }], null)).toEqual([]);
    expect(names([{ constructor: [] }], 'key')).toEqual([]);
  });

  test('the chosen one says what its schemes, scopes and credentials are', () => {
    expect(choose([{ oauth: ['read'] }], { oauth: CREDENTIALS.oauth })).toEqual([
      { name: 'oauth', scheme: SCHEMES.oauth, scopes: ['read'], credential: CREDENTIALS.oauth },
    ]);
  });
});

describe('a credential is refused without showing it', () => {
  test.each<[Credentials, string]>([
    [
      { Key: { value: 's3cr3t' } },
      'Expected credentials by the name of a security scheme of the document ("key", "app id", "basic", "bearer", "oauth", "oidc", "tls"), got "Key".',
    ],
    [{ key: { token: 's3cr3t' } }, 'Expected the credential of "key" (apiKey) as {"value"}, got {"token"}.'],
    [
      { basic: { value: 's3cr3t' } },
      'Expected the credential of "basic" (http "basic") as {"username", "password"}, got {"value"}.',
    ],
    [
      { oauth: { username: 'u', password: 's3cr3t' } },
      'Expected the credential of "oauth" (oauth2) as {"token"} or {"client_id", "client_secret"}, got {"username", "password"}.',
    ],
    [
      { bearer: { clientId: 'c', clientSecret: 's3cr3t' } },
      'Expected the credential of "bearer" (http "bearer") as {"token"}, got {"client_id", "client_secret"}.',
    ],
    [
      { tls: { value: 's3cr3t' } },
      'Expected the credential of "tls" (mutualTLS) as {"certificate", "private_key"}, got {"value"}.',
    ],
  ])('%j', (credentials, message) => {
    expect(() => choose([{ key: [] }], credentials)).toThrow(new Permanent('CREDENTIAL_UNUSABLE', message));
    expect(message).not.toContain('s3cr3t');
  });

  test('also where the document has no schemes at all', () => {
    const op = tables.operation();
    expect(() => chooseSecurity(tables.table([op]), op, { toString: { value: 's' } })).toThrow(
      'Expected credentials by the name of a security scheme of the document (none), got "toString".',
    );
  });
});
