import type { OperationTable, SecurityScheme } from '#core';
import { kindsFor, type CredentialKind } from '../security/credential-kind.js';
import { key } from './source-text.js';

const TYPES: Partial<Record<CredentialKind, string>> = {
  key: 'ApiKeyCredential',
  password: 'BasicCredential',
  token: 'TokenCredential',
  client: 'OAuthClientCredential',
  certificate: 'CertificateCredential',
};

/** `credentials.ts`: what each security scheme of the document takes, by its name. */
export function credentialTypes({ securitySchemes }: OperationTable): string {
  const members = Object.entries(securitySchemes).flatMap(([name, scheme]) => {
    const types = typesFor(scheme);
    return types.length === 0 ? [] : [`  readonly ${key(name)}?: ${types.join(' | ')} | undefined;\n`];
  });
  if (members.length === 0) return `${HEADER}export type credentials = Readonly<Record<string, never>>;\n`;
  const used = [...new Set(Object.values(securitySchemes).flatMap(typesFor))].sort().join(', ');
  return `${HEADER}import type { ${used} } from './runtime/runtime.js';\n\nexport interface credentials {\n${members.join('')}}\n`;
}

const HEADER = '/** What each security scheme of the document takes. Changes are overwritten. */\n';

function typesFor(scheme: SecurityScheme): string[] {
  return kindsFor(scheme).flatMap((kind) => TYPES[kind] ?? []);
}
