import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** What the library asks about a failed attempt. */
type RetryStrategy = Extract<S3ClientConfig['retryStrategy'], { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

const PAUSE_MS = 100;
/** A line that broke, most often one that the server had closed while it was idle. */
const BROKEN_LINE = ['ECONNRESET', 'EPIPE'];

/**
 * One more attempt, soon, after what may be over by then: a line that broke, a server that is busy or has an error of
 * its own. None after a time-out, whose caller has waited long enough, nor after a refusal.
 */
export const retryOnce: RetryStrategy = {
  acquireInitialRetryToken: async () => token(0),
  refreshRetryTokenForRetry: async (used, { error, errorType }) => {
    const { name, code } = (error ?? {}) as { name?: string; code?: string };
    // The library calls a broken line a time-out too.
    const timedOut = name === 'TimeoutError' && !BROKEN_LINE.includes(code ?? '');
    if (used.getRetryCount() > 0 || errorType === 'CLIENT_ERROR' || timedOut) throw new Error('No further attempt.');
    return token(1);
  },
  recordSuccess: () => undefined,
};

function token(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => (retries === 0 ? 0 : PAUSE_MS) };
}
