import type { OperationTable, SecurityScheme } from '#core';
import { kindsFor, type CredentialKind } from '../security/credential-kind.js';
import { key } from './source-text.js';

const TYPES: Partial<Record<CredentialKind, string>> = {
  key: 'ApiKeyCredential',
  password: 'BasicCredential',
  token: 'TokenCredential',
  client: 'OAuthClientCredential',
};

/** `credentials.ts`: what each security scheme of the document takes, by its name. */
export function credentialTypes({ securitySchemes }: OperationTable): string {
  const members = Object.entries(securitySchemes).flatMap(([name, scheme]) => {
    const types = typesFor(scheme);
    return types.length === 0 ? [] : [`  readonly ${key(name)}?: ${types.join(' | ')} | undefined;\n`];
  });
  const used = new Set(Object.values(securitySchemes).flatMap(typesFor));
  const imports =
    used.size === 0 ? '' : `import type { ${[...used].sort().join(', ')} } from './runtime/runtime.js';\n\n`;
  return `${HEADER}${imports}export interface credentials {\n${members.join('')}}\n`;
}

const HEADER = '/** What each security scheme of the document takes. Changes are overwritten. */\n';

function typesFor(scheme: SecurityScheme): string[] {
  return kindsFor(scheme).flatMap((kind) => TYPES[kind] ?? []);
}
