import type { Clock, OAuthClientCredential } from '#core';
import { messageOf } from '#core';
import { CallFailed, nameOf } from '../http/call-failed.js';
import type { HttpCaller } from '../http/http-caller.js';

/** Where a token comes from. */
export interface TokenEndpoint {
  /** Absolute. */
  readonly url: string;
  /** Whether the service is known to want the client's name and secret in the body. */
  readonly authInBody: boolean;
}

/** What is asked of a token endpoint. */
export interface TokenAsk {
  readonly credential: OAuthClientCredential;
  /** The newest refresh token, where the grant is that one. */
  readonly refreshToken: string | undefined;
  /** Empty: none are named. */
  readonly scopes: readonly string[];
}

/** What a token endpoint gave. */
export interface TokenGrant {
  readonly token: string;
  /** In epoch milliseconds, by when it is no longer used. */
  readonly until: number;
  /** In place of the one that was sent. */
  readonly refreshToken: string | undefined;
  /** How the client's name and secret were sent, since one of the ways worked. */
  readonly authInBody: boolean;
}

const ANSWER_MAX_BYTES = 1024 * 1024;
/** How long a token lasts whose service does not say. */
const DEFAULT_LIFETIME_SECONDS = 300;
/** A token is given up so much before its end, or a tenth of its life where that is less. */
const SKEW_MS = 30_000;
/** What services answer to a name and secret in the way that they do not read. */
const WRONG_WAY = new Set(['invalid_client', 'invalid_request', 'unauthorized_client']);

/**
 * Asks for a token: by client credentials (RFC 6749, section 4.4), or by refreshing (section 6). Name and secret go in
 * an Authorization header, which every service must read, and where that is refused in the body.
 * @throws CallFailed in one sentence with the endpoint's address and the service's error word, without any secret.
 *   None of these is `sent`: the call that wants the token has not been made.
 */
export async function requestToken(
  caller: HttpCaller,
  clock: Clock,
  endpoint: TokenEndpoint,
  ask: TokenAsk,
  timeoutMs: number,
): Promise<TokenGrant> {
  const ways = endpoint.authInBody || ask.credential.clientSecret === '' ? [true] : [false, true];
  for (const authInBody of ways) {
    const begun = clock.now();
    const { status, type, text } = await send(caller, endpoint.url, ask, authInBody, timeoutMs);
    const answer = fieldsOf(text, type);
    if (status >= 200 && status < 300) return { ...grantOf(endpoint.url, answer, begun), authInBody };
    const word = errorWord(answer, ask);
    const wrongWay = status === 401 || (status === 400 && WRONG_WAY.has(word));
    if (authInBody || !wrongWay) throw refused(endpoint.url, status, word);
  }
  throw new Error('Unreachable: the last way always ends.');
}

async function send(caller: HttpCaller, url: string, ask: TokenAsk, authInBody: boolean, timeoutMs: number) {
  const { clientId, clientSecret } = ask.credential;
  const form = new URLSearchParams();
  form.set('grant_type', ask.refreshToken === undefined ? 'client_credentials' : 'refresh_token');
  if (ask.refreshToken !== undefined) form.set('refresh_token', ask.refreshToken);
  if (ask.scopes.length > 0) form.set('scope', ask.scopes.join(' '));
  const headers: [string, string][] = [
    ['Accept', 'application/json'],
    ['Content-Type', 'application/x-www-form-urlencoded'],
  ];
  if (authInBody) {
    form.set('client_id', clientId);
    if (clientSecret !== '') form.set('client_secret', clientSecret);
  } else {
    headers.push(['Authorization', basic(clientId, clientSecret)]);
  }
  const request = { method: 'POST', url, headers, openHeaders: [], body: Buffer.from(form.toString()) };
  try {
    // A redirect would carry the secret to somebody else.
    const answer = await caller.call(request, { timeoutMs, maxBytes: ANSWER_MAX_BYTES, followRedirects: false });
    const type = answer.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    return { status: answer.status, type, text: 'inline' in answer.body ? answer.body.inline.toString('utf8') : '' };
  } catch (error) {
    throw unavailable(error);
  }
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
function grantOf(url: string, answer: ReadonlyMap<string, unknown> | undefined, begun: number) {
  if (!answer) throw useless(url, 'is not a JSON object');
  const token = answer.get('access_token');
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw useless(url, 'has no access_token');
  const type = answer.get('token_type') ?? 'Bearer';
  if (typeof type !== 'string' || !/bearer/i.test(type)) throw useless(url, 'has a token_type other than Bearer');
  const refreshToken = answer.get('refresh_token');
  const lifetimeMs = lifetimeSeconds(answer.get('expires_in')) * 1_000;
  return {
    token,
    until: begun + lifetimeMs - Math.min(SKEW_MS, lifetimeMs / 10),
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  };
}

/** Some services write the number as text. */
function lifetimeSeconds(value: unknown): number {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.max(0, seconds) : DEFAULT_LIFETIME_SECONDS;
}

/** Some old services answer with a form whatever is asked for. */
function fieldsOf(text: string, contentType: string): ReadonlyMap<string, unknown> | undefined {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return new Map(new URLSearchParams(text));
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** The service's word for what is wrong, or '' where it gives none that can be shown. */
function errorWord(answer: ReadonlyMap<string, unknown> | undefined, { credential, refreshToken }: TokenAsk): string {
  const word = answer?.get('error');
  if (typeof word !== 'string' || !/^[\w.:/-]{1,80}$/.test(word)) return '';
  const secrets = [credential.clientSecret, credential.refreshToken, refreshToken];
  return secrets.some((secret) => secret !== undefined && secret !== '' && word.includes(secret)) ? '' : word;
}

function refused(url: string, status: number, word: string): CallFailed {
  const fault = status >= 500 || status === 429 ? 'CALL_TOKEN_UNAVAILABLE' : 'CALL_TOKEN_REFUSED';
  const said = word === '' ? String(status) : `${status} (${word})`;
  return new CallFailed(fault, `No token: ${nameOf('POST', url)} answered ${said}`, false);
}

function useless(url: string, fault: string): CallFailed {
  return new CallFailed('CALL_TOKEN_REFUSED', `No token: the answer of ${nameOf('POST', url)} ${fault}`, false);
}

/** What broke a request for the sake of a token, which is not the call itself. */
export function unavailable(error: unknown): unknown {
  if (!(error instanceof CallFailed)) return error;
  return new CallFailed(error.fault, `No token: ${messageOf(error)}`, false, { cause: error });
}
