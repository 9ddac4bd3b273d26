import type { Credential, SecurityScheme } from '#core';

/** What a credential is, told by its fields. */
export type CredentialKind = 'key' | 'password' | 'token' | 'client' | 'certificate' | 'unknown';

/** How each kind is written over REST. */
const SHAPES: Readonly<Record<CredentialKind, string>> = {
  key: '{"value"}',
  password: '{"username", "password"}',
  token: '{"token"}',
  client: '{"client_id", "client_secret"}',
  certificate: '{"certificate", "private_key"}',
  unknown: 'something else',
};

export function credentialKind(credential: Credential): CredentialKind {
  if ('clientId' in credential) return 'client';
  if ('certificate' in credential) return 'certificate';
  if ('token' in credential) return 'token';
  if ('username' in credential) return 'password';
  return 'value' in credential ? 'key' : 'unknown';
}

/** The fields of a kind, as a sentence names them. */
export function shapeOf(kind: CredentialKind): string {
  return SHAPES[kind];
}

/** The kinds that a scheme takes. */
export function kindsFor(scheme: SecurityScheme): readonly CredentialKind[] {
  switch (scheme.type) {
    case 'apiKey':
      return ['key'];
    case 'http':
      return scheme.scheme.toLowerCase() === 'basic' ? ['password'] : ['token'];
    case 'oauth2':
    case 'openIdConnect':
      return ['token', 'client'];
    case 'mutualTLS':
      return ['certificate'];
  }
}
