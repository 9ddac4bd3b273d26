import { Permanent } from '#core';
import type { Credential, Operation, OperationTable, SecurityScheme } from '#core';
import type { RequestInput } from '../input.js';
import { namesInCookie } from '../serialise/cookies.js';
import { isGiven, ownValue } from '../serialise/value.js';
import type { SchemeUse } from './choose-security.js';
import { chooseSecurity } from './choose-security.js';

/** Where a scheme's credential stands in a request. */
export interface SecurityPlace {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
}

/** The values that a call gives by hand, and those that its credentials add in places where nothing was given. */
type Places = Pick<RequestInput, 'headers' | 'queryParams' | 'cookieParams'>;

/**
 * Where a scheme's credential goes; undefined for a client certificate, which no request carries.
 * https://spec.openapis.org/oas/v3.1.1#security-scheme-object
 */
export function securityPlace(scheme: SecurityScheme): SecurityPlace | undefined {
  if (scheme.type === 'apiKey') return { in: scheme.in, name: scheme.name };
  return scheme.type === 'mutualTLS' ? undefined : { in: 'header', name: 'Authorization' };
}

/**
 * Whether the place of a scheme has been filled by hand: then its credential is not sent, and no token has to be
 * fetched for it.
 */
export function isFilledByHand(scheme: SecurityScheme, { headers, queryParams, cookieParams }: Places): boolean {
  const place = securityPlace(scheme);
  if (!place) return true;
  if (place.in === 'query') return isGiven(ownValue(queryParams, place.name));
  if (place.in === 'header') return isGiven(headerOf(headers, place.name));
  const cookies = headerOf(headers, 'cookie');
  return (
    isGiven(ownValue(cookieParams, place.name)) ||
    (typeof cookies === 'string' && namesInCookie(cookies).has(place.name))
  );
}

/**
 * The input with what its credentials add: as if somebody had given those values by hand, and only where nobody has.
 * @throws Permanent when a credential cannot be used; no value of it is shown.
 */
export function withCredentials(table: OperationTable, operation: Operation, input: RequestInput): RequestInput {
  let places: Places = input;
  for (const use of chooseSecurity(table, operation, input.credentials)) {
    const place = securityPlace(use.scheme);
    if (!place || isFilledByHand(use.scheme, places)) continue;
    const added: [string, string] = [place.name, valueOf(use)];
    if (place.in === 'header') places = { ...places, headers: withEntry(places.headers, added) };
    else if (place.in === 'query') places = { ...places, queryParams: withEntry(places.queryParams, added) };
    else places = { ...places, cookieParams: withEntry(places.cookieParams, added) };
  }
  return places === input ? input : { ...input, ...places };
}

function valueOf({ name, scheme, credential }: SchemeUse): string {
  if ('clientId' in credential) {
    throw new Permanent('CREDENTIAL_UNUSABLE', `Expected a token for ${JSON.stringify(name)}, got none fetched yet.`);
  }
  if ('certificate' in credential) {
    throw new Permanent('CREDENTIAL_UNUSABLE', `Expected no certificate for ${JSON.stringify(name)}, got one.`);
  }
  if ('value' in credential) return credential.value;
  if ('username' in credential) return basic(name, credential);
  return `${authScheme(scheme)} ${credential.token}`;
}

/** https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function basic(name: string, { username, password }: Extract<Credential, { username: string }>): string {
  if (username.includes(':')) {
    throw new Permanent(
      'CREDENTIAL_UNUSABLE',
      `Expected a user name without a colon in the credential of ${JSON.stringify(name)}, since Basic authentication ends it there.`,
    );
  }
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** The word before the token. What is no word of HTTP, or only says bearer in other words, is a bearer token. */
function authScheme(scheme: SecurityScheme): string {
  if (scheme.type !== 'http') return 'Bearer';
  const word = scheme.scheme.trim();
  if (/bearer/i.test(word) || !/^[A-Za-z][A-Za-z0-9._-]*$/.test(word)) return 'Bearer';
  return word === word.toLowerCase() ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
}

function withEntry(
  values: Readonly<Record<string, unknown>> | null | undefined,
  added: readonly [string, string],
): Record<string, unknown> {
  return Object.fromEntries([...Object.entries(values ?? {}), added]);
}

function headerOf(headers: Places['headers'], name: string): unknown {
  const lower = name.toLowerCase();
  return Object.entries(headers ?? {}).find(([given]) => given.toLowerCase() === lower)?.[1];
}
