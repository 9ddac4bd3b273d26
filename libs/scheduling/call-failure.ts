import type { CallFailed, CallFault, HttpRequest } from '#client-runtime';
import type { CallFailure, ProcessOutcome, Response, RetryReason, Verdict } from '#core';

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2, and QUERY: https://datatracker.ietf.org/doc/draft-ietf-httpbis-safe-method-w-body/ */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);

const REASONS: Readonly<Record<CallFault, RetryReason | null>> = {
  CALL_TIMEOUT: 'timeout',
  CALL_NO_CONNECTION: 'network',
  CALL_BROKEN: 'network',
  CALL_TOKEN_UNAVAILABLE: 'network',
  CALL_UNTRUSTED: null,
  CALL_REDIRECT: null,
  EGRESS_REFUSED: null,
  CALL_TOO_LARGE: null,
  CALL_UNDECODABLE: null,
  CALL_TOKEN_REFUSED: null,
};

/** Beyond this a reset is a time of day in seconds since 1970, and no number of seconds to wait. */
const LONGEST_RESET_SECONDS = 1_000_000_000;

/** Whether making a request twice is as good as making it once: by its method, or by the key that it carries. */
export function isRepeatable({ method, headers }: Pick<HttpRequest, 'method' | 'headers'>): boolean {
  return IDEMPOTENT.has(method) || headers.some(([name]) => name.toLowerCase() === 'idempotency-key');
}

/** What a call that got no whole answer means to another one. */
export function failureOfCall(error: CallFailed): CallFailure {
  return { reason: REASONS[error.fault], mayHaveActed: error.sent };
}

/** The failures that are the service's own; that it refuses one call says nothing of the next. */
const OF_THE_SERVICE = new Set<RetryReason | null>(['network', 'timeout', '5xx']);

/** What a call that was made says of its service. An answer is one whatever it says, but what could not be read is none. */
export function verdictOf({
  outcome,
  failure,
}: {
  outcome: ProcessOutcome;
  failure?: CallFailure | undefined;
}): Verdict {
  if (outcome.response?.cache === 'HIT') return 'none';
  if (failure && OF_THE_SERVICE.has(failure.reason)) return 'failure';
  return outcome.response ? 'success' : 'none';
}

/** What an answer of 400 or more means to another call; undefined for any other answer. */
export function failureOfAnswer(response: Pick<Response, 'status' | 'headers'>, now: number): CallFailure | undefined {
  const { status } = response;
  if (status < 400) return undefined;
  const notBefore = waitOf(response, now);
  const isRefused =
    status === 425 || status === 429 || (status === 503 && header(response, 'retry-after') !== undefined);
  return { reason: reasonOf(status), mayHaveActed: !isRefused, notBefore };
}

function reasonOf(status: number): RetryReason | null {
  if (status === 408) return '408';
  if (status === 425) return '425';
  if (status === 429) return '429';
  return status >= 500 ? '5xx' : null;
}

/**
 * When the service asks to be called again: Retry-After (RFC 9110, section 10.2.3), else the end of a limit that is used
 * up (draft-ietf-httpapi-ratelimit-headers, and X-RateLimit-Reset as it is common).
 */
function waitOf(response: Pick<Response, 'status' | 'headers'>, now: number): number | undefined {
  const after = header(response, 'retry-after')?.trim();
  if (after !== undefined) {
    if (/^\d{1,10}$/.test(after)) return now + Number(after) * 1_000;
    const date = Date.parse(after);
    return Number.isNaN(date) ? undefined : date;
  }
  if (response.status !== 429 && response.status !== 503) return undefined;
  const reset =
    /(?:^|;|,|\s)t=(\d{1,10})/.exec(header(response, 'ratelimit') ?? '')?.[1] ??
    header(response, 'ratelimit-reset') ??
    header(response, 'x-ratelimit-reset');
  if (reset === undefined || !/^\s*\d{1,13}(\.\d+)?\s*$/.test(reset)) return undefined;
  const seconds = Number(reset);
  return seconds > LONGEST_RESET_SECONDS ? epochOf(seconds) : now + Math.ceil(seconds * 1_000);
}

/** Some services write milliseconds. */
function epochOf(seconds: number): number {
  return seconds > LONGEST_RESET_SECONDS * 100 ? seconds : Math.ceil(seconds * 1_000);
}

function header({ headers }: Pick<Response, 'headers'>, lower: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === lower)?.[1];
}
