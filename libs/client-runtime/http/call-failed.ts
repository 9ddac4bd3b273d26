import { errors } from 'undici';
import { Permanent, messageOf } from '#core';
import { withoutUser } from '../base-url.js';
import type { HttpRequest } from '../request.js';
import { DialRefused } from './dial-guard.js';
import { ProxyFailed } from './tunnel.js';

/** Why a call got no whole answer; also the error's code. */
export type CallFault =
  /** The total time was used up. */
  | 'CALL_TIMEOUT'
  /** No connection: refused, unreachable, no such host, no handshake. */
  | 'CALL_NO_CONNECTION'
  /** The connection broke, or what came over it was not HTTP. */
  | 'CALL_BROKEN'
  /** The service's certificate is not trusted. */
  | 'CALL_UNTRUSTED'
  /** The guard lets nobody call that address. */
  | 'EGRESS_REFUSED'
  /** Redirects without end or to somewhere that cannot be called. */
  | 'CALL_REDIRECT'
  | 'CALL_TOO_LARGE'
  /** The answer's content coding cannot be undone. */
  | 'CALL_UNDECODABLE'
  /** The token endpoint does not give a token, and would not if asked again. */
  | 'CALL_TOKEN_REFUSED'
  /** The token endpoint gives no token just now. */
  | 'CALL_TOKEN_UNAVAILABLE';

/**
 * A call that got no whole answer. The message names method and address (no value of a parameter, which may be secret)
 * and the cause in words.
 */
export class CallFailed extends Permanent {
  constructor(
    readonly fault: CallFault,
    message: string,
    /** Whether anything of the request may have reached the service; false is certain. */
    readonly sent: boolean,
    options?: { cause?: unknown },
  ) {
    super(fault, message, options);
  }
}

/** What a request calls, as an error may name it. */
export function targetOf({ method, url, shownUrl = url }: Pick<HttpRequest, 'method' | 'url' | 'shownUrl'>): string {
  return nameOf(method, shownUrl);
}

/** An address as an error may name it: without user name, password, query and fragment. */
export function nameOf(method: string, url: string): string {
  const end = url.search(/[?#]/);
  const shown = withoutUser(end === -1 ? url : url.slice(0, end));
  return `${method} ${shown.length > 300 ? `${shown.slice(0, 300)}…` : shown}`;
}

/** A CallFailed from whatever the transport threw. */
export function callFailed(error: unknown, target: string, sent: boolean): CallFailed {
  if (error instanceof CallFailed) return error;
  const [fault, words] = explain(error);
  return new CallFailed(fault, `${target}: ${words}`, sent, { cause: error });
}

const BY_CODE: Readonly<Record<string, readonly [CallFault, string]>> = {
  ECONNREFUSED: ['CALL_NO_CONNECTION', 'connection refused'],
  ENOTFOUND: ['CALL_NO_CONNECTION', 'host name not found'],
  EAI_AGAIN: ['CALL_NO_CONNECTION', 'the host name could not be looked up just now'],
  EHOSTUNREACH: ['CALL_NO_CONNECTION', 'host unreachable'],
  ENETUNREACH: ['CALL_NO_CONNECTION', 'network unreachable'],
  EADDRNOTAVAIL: ['CALL_NO_CONNECTION', 'address not available'],
  UND_ERR_CONNECT_TIMEOUT: ['CALL_NO_CONNECTION', 'no connection in time'],
  ETIMEDOUT: ['CALL_NO_CONNECTION', 'connection timed out'],
  ECONNRESET: ['CALL_BROKEN', 'connection reset'],
  EPIPE: ['CALL_BROKEN', 'connection closed while sending'],
  UND_ERR_SOCKET: ['CALL_BROKEN', 'connection closed before the whole answer came'],
  UND_ERR_HEADERS_OVERFLOW: ['CALL_BROKEN', "the answer's headers are too large"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['CALL_BROKEN', 'the answer is not as long as it says'],
  EPROTO: ['CALL_NO_CONNECTION', 'TLS handshake failed'],
  CERT_HAS_EXPIRED: ['CALL_UNTRUSTED', 'TLS certificate has expired'],
  CERT_NOT_YET_VALID: ['CALL_UNTRUSTED', 'TLS certificate is not yet valid'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['CALL_UNTRUSTED', 'TLS certificate is for another host name'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['CALL_UNTRUSTED', 'TLS certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: ['CALL_UNTRUSTED', 'TLS certificate chain ends in a self-signed one'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['CALL_UNTRUSTED', 'TLS certificate is not signed by a known authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['CALL_UNTRUSTED', 'TLS certificate is not signed by a known authority'],
};

function explain(error: unknown): readonly [CallFault, string] {
  if (error instanceof DialRefused) return ['EGRESS_REFUSED', error.message];
  if (error instanceof ProxyFailed) return ['CALL_NO_CONNECTION', error.message];
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known) return known;
  if (error instanceof errors.HTTPParserError || code.startsWith('HPE_'))
    return ['CALL_BROKEN', 'the answer is not valid HTTP'];
  if (code.startsWith('ERR_SSL_')) return ['CALL_NO_CONNECTION', 'TLS handshake failed'];
  if (error instanceof errors.ClientClosedError || error instanceof errors.ClientDestroyedError) {
    return ['CALL_NO_CONNECTION', 'the caller is closed'];
  }
  if (error instanceof errors.InvalidArgumentError) return ['CALL_NO_CONNECTION', `not sent: ${messageOf(error)}`];
  return ['CALL_BROKEN', code === '' ? 'connection failed' : `connection failed (${code})`];
}

/** The code of an error, or of the first of those that trying several addresses collected. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
