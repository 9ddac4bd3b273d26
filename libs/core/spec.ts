import type { Credentials } from './credentials.js';
import type { Limits } from './limits.js';
import type { Payload } from './payload.js';
import type { RetryPolicy } from './retry.js';

/** A registered OpenAPI document under a service name. */
export interface Spec {
  /** Primary key. */
  readonly traceId: string;
  readonly project: string;
  /** Lower-cased; unique among the active Specs of a project. */
  readonly name: string;
  /** Default headers of each call, as given. */
  readonly headers: Readonly<Record<string, string>>;
  /** Base URL that overrides the document's servers. */
  readonly url?: string | undefined;
  /** Values for the variables of templated servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
  /** What each call proves itself with, unless its process says otherwise. */
  readonly credentials?: Credentials | undefined;
  /** What of the installation's policy does not hold for its calls. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** How much may be asked of the service; absent: anything. */
  readonly limits?: Limits | undefined;
  /** Whether none of its calls starts until it is resumed. */
  readonly paused?: boolean | undefined;
  /** The keys whose calls do not start until they are resumed; absent while there is none. */
  readonly pausedKeys?: readonly string[] | undefined;
  /** The document's bytes as they were sent (base64 removed). */
  readonly document: Payload;
  /** SHA-256 of the document's bytes, 64 hexadecimal characters. */
  readonly documentHash: string;
  /** Counts the different documents this Spec has had, from 1. */
  readonly version: number;
  /**
   * The newest version whose Client was reviewed: calls run on it, while a later one is generated and when that one
   * failed; null when there is none yet.
   */
  readonly servingVersion: number | null;
  /** Counts the changes made over REST, from 1: the compare-and-set of a PUT. */
  readonly revision: number;
  /** How far the generation of `version` is. */
  readonly status: SpecStatus;
  readonly steps: readonly string[];
  /** One sentence, only with status ERROR. */
  readonly error?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Rises with each claim and each re-queueing; fences the writes of a late worker. */
  readonly attempt: number;
}

export const SPEC_STATUSES = ['WAITING', 'IN_PROGRESS', 'READY_YAML', 'READY_CLIENT', 'SUCCESS', 'ERROR'] as const;
export type SpecStatus = (typeof SPEC_STATUSES)[number];

/** The sentence of each status, as the REST contract has it. */
export const SPEC_MESSAGES: Readonly<Record<SpecStatus, string>> = {
  WAITING: 'The spec has been created and it is now waiting to be processed.',
  IN_PROGRESS: 'The spec is being processed.',
  READY_YAML: 'The spec yaml configuration file has been generated.',
  READY_CLIENT: 'The client code has been generated.',
  SUCCESS: 'The spec has been completed successfully.',
  ERROR: 'The spec has one or more errors.',
};

/** The steps that a Spec collects on its way, in their order. */
export const SPEC_STEPS = {
  received: 'Received in the API',
  claimed: 'Received in the worker',
  yaml: 'Spec YAML file generated',
  client: 'Client code generated (not reviewed)',
  reviewed: 'Client code generated and reviewed',
} as const;

/**
 * Which statuses may follow which. A claim leads to IN_PROGRESS from any unfinished status (a later worker starts
 * anew where an earlier one died); a PUT leads back to WAITING from everywhere.
 */
export const SPEC_TRANSITIONS: Readonly<Record<SpecStatus, readonly SpecStatus[]>> = {
  WAITING: ['IN_PROGRESS', 'WAITING'],
  IN_PROGRESS: ['IN_PROGRESS', 'READY_YAML', 'ERROR', 'WAITING'],
  READY_YAML: ['IN_PROGRESS', 'READY_CLIENT', 'ERROR', 'WAITING'],
  READY_CLIENT: ['READY_CLIENT', 'SUCCESS', 'ERROR', 'WAITING'],
  SUCCESS: ['WAITING'],
  ERROR: ['WAITING'],
};

/** One of the documents that a Spec has had. It never changes, but for how its generation ended. */
export interface SpecVersion {
  readonly version: number;
  readonly document: Payload;
  /** SHA-256 of the document's bytes, 64 hexadecimal characters. */
  readonly documentHash: string;
  /** How its latest generation ended; null while it has not, and for good when a newer version came before that. */
  readonly outcome: 'SUCCESS' | 'ERROR' | null;
  /** One sentence, only with ERROR. */
  readonly error?: string | undefined;
  /** What was found in reading it, as the JSON text of a DocumentReport; absent until it was read. */
  readonly report?: Payload | undefined;
  readonly createdAt: number;
}

/** How often answers of one operation did not match the document. */
export interface OperationDrift {
  readonly version: number;
  readonly method: string;
  /** The path as the document declares it. */
  readonly path: string;
  readonly count: number;
  /** When it was last seen, in epoch milliseconds. */
  readonly lastAt: number;
}

/** What a Spec means to a call of it: run now, wait for its first Client, or end in ERROR. */
export function specReadiness(
  spec: Pick<Spec, 'status' | 'servingVersion'> | null,
): 'ready' | 'pending' | 'unavailable' {
  if (spec === null) return 'unavailable';
  if (spec.servingVersion !== null) return 'ready';
  return spec.status === 'ERROR' ? 'unavailable' : 'pending';
}
