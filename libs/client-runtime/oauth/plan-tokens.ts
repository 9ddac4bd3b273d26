import { createHash } from 'node:crypto';
import type { Credentials, OAuthClientCredential, Operation, OperationTable, ReadyCredential } from '#core';
import type { RequestInput } from '../input.js';
import { isFilledByHand, securityPlace } from '../security/apply-credentials.js';
import type { SchemeUse } from '../security/choose-security.js';
import { chooseSecurity } from '../security/choose-security.js';
import type { EndpointAddress } from './token-endpoint.js';
import { endpointAddress } from './token-endpoint.js';

/** Credentials that a request can carry, by the name of the security scheme. */
export type ReadyCredentials = Readonly<Record<string, ReadyCredential>>;

/** What is known of a call before its request is built. */
export interface PlanInput extends Omit<RequestInput, 'credentials'> {
  readonly credentials?: Credentials | null | undefined;
}

/** A token that a call needs. */
export interface WantedToken {
  /** The security scheme's name. */
  readonly name: string;
  readonly credential: OAuthClientCredential;
  readonly address: EndpointAddress;
  readonly scopes: readonly string[];
  /** Equal for what may share a token: a hash of everything above, secrets included. */
  readonly key: string;
}

/** Which tokens a call needs, and its credentials without them. */
export interface TokenPlan {
  /**
   * The credentials with stand-ins for tokens: equal for calls that prove themselves as the same client, whatever
   * token is current. For telling calls apart, never for sending.
   */
  readonly standIns: ReadyCredentials;
  readonly wanted: readonly WantedToken[];
}

/**
 * Which of the credentials need a token first. None is wanted where the request has been given one by hand.
 * @throws Permanent when a credential cannot be used, or the document does not say where its token comes from.
 */
export function planTokens(table: OperationTable, operation: Operation, input: PlanInput): TokenPlan {
  const ready = new Map<string, ReadyCredential>();
  const wanted: WantedToken[] = [];
  for (const [name, credential] of Object.entries(input.credentials ?? {})) {
    ready.set(name, 'clientId' in credential ? { token: 'unused' } : credential);
  }
  const taken = new Set<string>();
  for (const use of chooseSecurity(table, operation, input.credentials)) {
    const place = JSON.stringify(securityPlace(use.scheme));
    if ('clientId' in use.credential && !taken.has(place) && !isFilledByHand(use.scheme, input)) {
      const token = wantedToken(table, operation, use, use.credential, input);
      wanted.push(token);
      ready.set(use.name, { token: token.key });
    }
    taken.add(place);
  }
  // Names such as __proto__ are entries like any others.
  return { standIns: Object.fromEntries(ready), wanted };
}

function wantedToken(
  table: OperationTable,
  operation: Operation,
  use: SchemeUse,
  credential: OAuthClientCredential,
  input: PlanInput,
): WantedToken {
  const address = endpointAddress(table, operation, use, credential, input);
  // Refreshing without scopes keeps those that were granted; the operation's may go beyond them.
  const asked = credential.scopes ?? (credential.refreshToken === undefined ? use.scopes : []);
  const scopes = [...new Set(asked)].sort();
  const identity = [address, credential.clientId, credential.clientSecret, credential.refreshToken ?? null, scopes];
  const key = createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
  return { name: use.name, credential, address, scopes, key };
}
