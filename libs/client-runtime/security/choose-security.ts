import { ANY_CONNECTION, describeName, Permanent } from '#core';
import type { CertificateCredential, Credential, Credentials, Operation, OperationTable, SecurityScheme } from '#core';
import { credentialKind, kindsFor, shapeOf } from './credential-kind.js';

/** One security scheme that a call uses, and what it proves itself with. */
export interface SchemeUse {
  /** The scheme's name in the document. */
  readonly name: string;
  readonly scheme: SecurityScheme;
  /** The scopes that the operation names for it. */
  readonly scopes: readonly string[];
  readonly credential: Credential;
}

/** How many names of schemes a sentence lists. */
const NAMES_SHOWN = 10;

/**
 * Which of the given credentials a call of an operation uses. The operation's requirements are alternatives: the first
 * whose schemes all have a credential is taken; where none is complete, the one with the most of them (the rest may be
 * given by hand); of equals the first. `{}`, which makes security optional, does not keep credentials back. An
 * operation without requirements uses none.
 * https://spec.openapis.org/oas/v3.1.1#security-requirement-object
 * @returns in the order of the requirement; the same for the same names, whether a token has been fetched or not.
 * @throws Permanent when a credential is for no scheme of the document or not of its scheme's kind; no value is shown.
 */
export function chooseSecurity(
  table: OperationTable,
  operation: Operation,
  credentials: Credentials | null | undefined,
): readonly SchemeUse[] {
  const given = Object.entries(credentials ?? {});
  if (given.length === 0) return [];
  for (const [name, credential] of given) checkFits(table, name, credential);

  let best: SchemeUse[] = [];
  for (const requirement of operation.security) {
    const uses = usesOf(table, requirement, credentials ?? {});
    // A certificate that is not given here may still be added on the way to the service.
    const lacking = Object.keys(requirement).filter(
      (name) => schemeOf(table, name)?.type !== 'mutualTLS' && !uses.some((use) => use.name === name),
    );
    if (uses.length > 0 && lacking.length === 0) return uses;
    if (uses.length > best.length) best = uses;
  }
  return best;
}

/**
 * What the connection shows for a call: the certificate of a scheme that the call uses, else the one that is for all
 * connections.
 * @throws as `chooseSecurity` does.
 */
export function chooseCertificate(
  table: OperationTable,
  operation: Operation,
  credentials: Credentials | null | undefined,
): CertificateCredential | undefined {
  for (const { credential } of chooseSecurity(table, operation, credentials)) {
    if ('certificate' in credential) return credential;
  }
  const any = credentials && Object.hasOwn(credentials, ANY_CONNECTION) ? credentials[ANY_CONNECTION] : undefined;
  return any && 'certificate' in any ? any : undefined;
}

function usesOf(table: OperationTable, requirement: Operation['security'][number], given: Credentials): SchemeUse[] {
  return Object.entries(requirement).flatMap(([name, scopes]) => {
    const scheme = schemeOf(table, name);
    const credential = Object.hasOwn(given, name) ? given[name] : undefined;
    return scheme && credential ? [{ name, scheme, scopes, credential }] : [];
  });
}

function schemeOf(table: OperationTable, name: string): SecurityScheme | undefined {
  return Object.hasOwn(table.securitySchemes, name) ? table.securitySchemes[name] : undefined;
}

function checkFits(table: OperationTable, name: string, credential: Credential): void {
  const scheme: SecurityScheme | undefined = name === ANY_CONNECTION ? { type: 'mutualTLS' } : schemeOf(table, name);
  if (!scheme) {
    const names = Object.keys(table.securitySchemes);
    const shown = names.slice(0, NAMES_SHOWN).map((known) => excerpt(known));
    const known = names.length === 0 ? 'none' : `${shown.join(', ')}${names.length > NAMES_SHOWN ? ' …' : ''}`;
    throw unusable(
      `Expected credentials by the name of a security scheme of the document (${known}), got ${describeName(name)}.`,
    );
  }
  const kinds = kindsFor(scheme);
  const kind = credentialKind(credential);
  if (kinds.includes(kind)) return;
  const type = scheme.type === 'http' ? `http ${excerpt(scheme.scheme)}` : scheme.type;
  const expected = kinds.map((wanted) => shapeOf(wanted)).join(' or ');
  throw unusable(`Expected the credential of ${excerpt(name)} (${type}) as ${expected}, got ${shapeOf(kind)}.`);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function unusable(message: string): Permanent {
  return new Permanent('CREDENTIAL_UNUSABLE', message);
}
