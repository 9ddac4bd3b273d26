import type { OAuthClientCredential, OAuthFlow, Operation, OperationTable, SecurityScheme } from '#core';
import { Permanent } from '#core';
import type { BaseChoice } from '../base-url.js';
import { baseOf } from '../base-url.js';
import { CallFailed, nameOf } from '../http/call-failed.js';
import type { HttpCaller } from '../http/http-caller.js';
import type { SchemeUse } from '../security/choose-security.js';
import type { TokenEndpoint } from './token-request.js';
import { unavailable } from './token-request.js';

/** Where a scheme says that its tokens come from: itself, or a document that says it. Absolute. */
export type EndpointAddress = { readonly tokenUrl: string } | { readonly discoveryUrl: string };

const ANSWER_MAX_BYTES = 1024 * 1024;

/**
 * Where the tokens of a scheme come from: the token URL of its client credentials flow, else of any; for a refresh
 * token the refresh URL first. What is relative is so to the service's address.
 * https://spec.openapis.org/oas/v3.1.1#oauth-flow-object
 * @throws Permanent when the document does not say.
 */
export function endpointAddress(
  table: OperationTable,
  operation: Operation,
  { name, scheme }: Pick<SchemeUse, 'name' | 'scheme'>,
  credential: OAuthClientCredential,
  choice: BaseChoice,
): EndpointAddress {
  const given = addressIn(scheme, credential.refreshToken !== undefined);
  if (given === undefined || given.trim() === '') {
    throw unknown(`The document's security scheme ${JSON.stringify(name)} names no token URL`);
  }
  const absolute = /^https?:\/\//i.test(given);
  const base = absolute ? undefined : baseOf(table, operation, choice);
  const from = base && `${base.origin}${base.path}`;
  const resolved = URL.canParse(given, from) ? new URL(given, from) : undefined;
  if (!resolved || (resolved.protocol !== 'http:' && resolved.protocol !== 'https:')) {
    throw unknown(`The token URL of the document's security scheme ${JSON.stringify(name)} is no address`);
  }
  resolved.username = '';
  resolved.password = '';
  resolved.hash = '';
  return scheme.type === 'openIdConnect' ? { discoveryUrl: resolved.href } : { tokenUrl: resolved.href };
}

function addressIn(scheme: SecurityScheme, refreshing: boolean): string | undefined {
  if (scheme.type === 'openIdConnect') return scheme.openIdConnectUrl;
  if (scheme.type !== 'oauth2') return undefined;
  const { clientCredentials, ...others } = scheme.flows;
  const flows: OAuthFlow[] = Object.values(others);
  if (clientCredentials) flows.splice(refreshing ? flows.length : 0, 0, clientCredentials);
  const refreshUrl = refreshing ? flows.find((flow) => flow.refreshUrl)?.refreshUrl : undefined;
  return refreshUrl ?? flows.find((flow) => flow.tokenUrl)?.tokenUrl;
}

/**
 * Reads the token endpoint from an OpenID provider's own document.
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 * @throws CallFailed in one sentence when there is none to be had.
 */
export async function discover(caller: HttpCaller, url: string, timeoutMs: number): Promise<TokenEndpoint> {
  const request = { method: 'GET', url, headers: [['Accept', 'application/json'] as const], openHeaders: ['accept'] };
  const answer = await caller.call(request, { timeoutMs, maxBytes: ANSWER_MAX_BYTES }).catch((error: unknown) => {
    throw unavailable(error);
  });
  if (answer.status !== 200) {
    const fault = answer.status >= 500 || answer.status === 429 ? 'CALL_TOKEN_UNAVAILABLE' : 'CALL_TOKEN_REFUSED';
    throw new CallFailed(fault, `No token: ${nameOf('GET', url)} answered ${answer.status}`, false);
  }
  const found = metadataOf('inline' in answer.body ? answer.body.inline.toString('utf8') : '');
  if (!found) {
    const message = `No token: the answer of ${nameOf('GET', url)} names no http or https token_endpoint`;
    throw new CallFailed('CALL_TOKEN_REFUSED', message, false);
  }
  return found;
}

function metadataOf(text: string): TokenEndpoint | undefined {
  try {
    const { token_endpoint: url, token_endpoint_auth_methods_supported: ways } = JSON.parse(text) as Record<
      string,
      unknown
    >;
    if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
    const authInBody =
      Array.isArray(ways) && ways.includes('client_secret_post') && !ways.includes('client_secret_basic');
    return { url: new URL(url).href, authInBody };
  } catch {
    return undefined;
  }
}

function unknown(fault: string): Permanent {
  return new Permanent('TOKEN_URL_UNKNOWN', `${fault}, so no token can be fetched: give {"token"} instead.`);
}
