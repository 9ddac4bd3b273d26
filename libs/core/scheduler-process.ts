import type { Credentials } from './credentials.js';
import type { DriftFault } from './drift.js';
import type { Payload } from './payload.js';
import type { RetryPolicy } from './retry.js';
import type { TraceContext } from './trace-context.js';

/** One call asked for: which operation of which service, with what, and how it went. */
export interface SchedulerProcess {
  /** Primary key. */
  readonly traceId: string;
  readonly project: string;
  /** The kind of work; only calls for now. */
  readonly kind: 'call';
  /** The Spec it was bound to when it was accepted; null when there was none of that name. */
  readonly specTraceId: string | null;
  /** The service's name as asked for, lower-cased. */
  readonly service: string;
  /** Upper case. */
  readonly method: string;
  /** The operation's path template. */
  readonly endpoint: string;
  /** By name in any case; a value is what the document allows, null takes back that of the Spec. */
  readonly headers: Readonly<Record<string, unknown>> | null;
  readonly queryParams: Readonly<Record<string, unknown>> | null;
  readonly urlParams: Readonly<Record<string, unknown>> | null;
  readonly cookieParams?: Readonly<Record<string, unknown>> | null | undefined;
  /** The body as JSON text, or null when there is none. */
  readonly reqBody: Payload | null;
  /** The body's media type, where the document declares several. */
  readonly contentType?: string | undefined;
  /** What this call proves itself with; a scheme named here goes before the Spec's. */
  readonly credentials?: Credentials | undefined;
  /** When it was asked to start, in epoch milliseconds; unset: at once. */
  readonly runAt?: number | undefined;
  /** By when it must have started, in epoch milliseconds; past that it ends in ERROR. Unset: whenever it can. */
  readonly expiresAt?: number | undefined;
  /** How soon it goes among all that is due, 0 to 9 (`rankOf`); unset: `DEFAULT_PRIORITY`. */
  readonly priority?: number | undefined;
  /** Whose call it is among those that share its Spec's limits; unset: one of those that did not say. */
  readonly key?: string | undefined;
  /** What of the Spec's and the installation's policy does not hold for it. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Milliseconds for the whole call; unset means the default of one hour. */
  readonly timeoutMs?: number | undefined;
  readonly cache?: CacheOptions | undefined;
  /** The trace id of the process that it makes again. */
  readonly replayOf?: string | undefined;
  /** Where in a distributed trace its execution goes on, however late. */
  readonly traceContext?: TraceContext | undefined;
  readonly status: ProcessStatus;
  readonly steps: readonly string[];
  /** One sentence, only with status ERROR. */
  readonly error?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it may start, in epoch milliseconds; null while it waits for its Spec, or is held at the Spec's gate. */
  readonly dueAt: number | null;
  /** Why it was held at the gate of its Spec; absent while it is not. */
  readonly held?: HoldReason | undefined;
  /** Rises with each claim, from 0; fences the writes of a late worker. */
  readonly attempt: number;
  /** The calls that were made and have ended, oldest first; absent while there are none. */
  readonly calls?: readonly CallRecord[] | undefined;
  /** When the next call will be made; only between two calls. */
  readonly nextCallAt?: number | undefined;
  /** Whether a call that must not be made twice may have left whose end nobody has told. */
  readonly isUncertain?: boolean | undefined;
  /** The Spec's version that it ran on: that of its first attempt. Absent until then. */
  readonly specVersion?: number | undefined;
  /** Where the answer differs from what the document says; absent when it does not. */
  readonly drift?: readonly DriftFault[] | undefined;
}

/** One call that was made, and how it ended. */
export interface CallRecord {
  /** From 1. */
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Who made it: a name unique to one running process. */
  readonly worker: string;
  /** One sentence; absent when the service answered below 400. */
  readonly error?: string | undefined;
  /** What the service answered, without its body; absent when it did not. */
  readonly response?:
    { readonly status: number; readonly headers: Response['headers']; readonly bytes: number } | undefined;
}

/** Why a call may not start though it is due: a limit is used up, it was paused, or its service keeps failing. */
export const HOLD_REASONS = ['limit', 'paused', 'breaker'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** How one call uses the response cache. */
export interface CacheOptions {
  /** `use` reads and writes, `refresh` only writes, `off` does neither. */
  readonly mode?: 'use' | 'refresh' | 'off' | undefined;
  /** How long an answer of this call may be reused, in seconds. */
  readonly ttlSeconds?: number | undefined;
}

export const PROCESS_STATUSES = ['WAITING', 'IN_PROGRESS', 'SUCCESS', 'ERROR', 'CANCELLED'] as const;
export type ProcessStatus = (typeof PROCESS_STATUSES)[number];

/** The sentence of each status, as the REST contract has it. */
export const PROCESS_MESSAGES: Readonly<Record<ProcessStatus, string>> = {
  WAITING: 'The request has been created. It is waiting to be processed.',
  IN_PROGRESS: 'The request is being processed.',
  SUCCESS: 'The request has been executed and the process has been completed successfully.',
  ERROR: 'There was one or more errors trying to execute scheduler process.',
  CANCELLED: 'The request has been cancelled.',
};

/** What POST answers, which differs from the status message of the same moment. */
export const PROCESS_ACCEPTED_MESSAGE = 'Your request is waiting to be processed.';

/** The steps that a process collects on its way, in their order; the last one in place of all that did not come. */
export const PROCESS_STEPS = {
  received: 'Received in the API',
  claimed: 'Received in the worker',
  executed: 'Executed command successfully',
  cancelled: 'Cancelled',
} as const;

/** Which statuses may follow which: a claim that ends unused, or is taken over, leads back. */
export const PROCESS_TRANSITIONS: Readonly<Record<ProcessStatus, readonly ProcessStatus[]>> = {
  WAITING: ['IN_PROGRESS', 'CANCELLED'],
  IN_PROGRESS: ['IN_PROGRESS', 'WAITING', 'SUCCESS', 'ERROR', 'CANCELLED'],
  SUCCESS: [],
  ERROR: [],
  CANCELLED: [],
};

/** Whether a process with this status stays as it is. */
export function hasEnded(status: ProcessStatus): boolean {
  return PROCESS_TRANSITIONS[status].length === 0;
}

/** What the service answered. */
export interface Response {
  readonly status: number;
  /** In the order received; names as received, repeated where the service repeated them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Payload;
}

/** A Response as a process keeps it. */
export interface StoredResponse extends Response {
  /** Whether it came from the response cache. */
  readonly cache: 'HIT' | 'MISS';
}

/** How an execution ended. ERROR may carry the answer that made it one (a status of 400 or more). */
export type ProcessOutcome = (
  | { readonly status: 'SUCCESS'; readonly response: StoredResponse }
  | { readonly status: 'ERROR'; readonly error: string; readonly response?: StoredResponse | undefined }
) & {
  /** The Spec's version that it ran on; absent when it ran on none. */
  readonly specVersion?: number | undefined;
  readonly drift?: ProcessDrift | undefined;
  /** All calls that were made, oldest first; absent when none was. */
  readonly calls?: readonly CallRecord[] | undefined;
  /** Whether it is given up and becomes a dead letter; only with ERROR. */
  readonly isDead?: boolean | undefined;
};

/** Where an answer differs from the document, and whose operation answered. */
export interface ProcessDrift {
  readonly specTraceId: string;
  readonly method: string;
  /** The operation's path as the document declares it. */
  readonly path: string;
  /** Never empty. */
  readonly faults: readonly DriftFault[];
}
