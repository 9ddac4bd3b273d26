import type { Client } from '../client.js';
import type { Claim, Lease } from '../lease.js';
import type { Credentials } from '../credentials.js';
import type { Limits } from '../limits.js';
import type { Payload } from '../payload.js';
import type { RetryPolicy } from '../retry.js';
import type { OperationDrift, Spec, SpecStatus, SpecVersion } from '../spec.js';

/**
 * Where Specs and their Clients are kept. Every method is one atomic change or one query; a change is durable when
 * its promise resolves. All methods reject with `Unavailable` when the database does not answer in time.
 */
export abstract class SpecStore {
  /**
   * Stores a new Spec.
   * @throws Conflict (`SPEC_NAME_TAKEN`, the message names the other's trace id) when an active Spec of the project
   *   has the name: of two inserted at once exactly one succeeds. InvalidInput (`TEXT_INVALID`) for a name or project
   *   with a NUL character or half of a surrogate pair.
   */
  abstract insert(spec: Spec): Promise<void>;

  /** An active Spec, or null. With `project` null in whichever project: for workers, who only know a trace id. */
  abstract find(project: string | null, traceId: string): Promise<Spec | null>;

  /** The active Spec of a name (already lower-cased), or null. */
  abstract findByName(project: string, name: string): Promise<Spec | null>;

  /** A page of active Specs, newest first (then by trace id), and how many there are in all. */
  abstract list(project: string, page: { offset: number; limit: number }): Promise<{ specs: Spec[]; total: number }>;

  /**
   * Changes a Spec if its revision is still `expectedRevision`; raises the revision and sets `updatedAt`.
   * With `requeue` also: status WAITING, `steps` as given, no error, the lease dropped and the attempt raised, so
   * that whoever is generating the former state can write nothing more.
   * @returns the Spec as it is now, or null when the revision differs or the Spec is gone.
   * @throws Conflict or InvalidInput as `insert` does, for the new name.
   */
  abstract update(project: string, traceId: string, expectedRevision: number, change: SpecChange): Promise<Spec | null>;

  /**
   * Pauses a Spec or one of its keys, or resumes it; nothing else changes, its revision included.
   * @returns the Spec as it is now, or null when there is none.
   */
  abstract pause(project: string, traceId: string, change: PauseChange): Promise<Spec | null>;

  /** Moves an active Spec (and the lease on it) to the archive. False when there is none. */
  abstract archive(project: string, traceId: string, now: number): Promise<boolean>;

  /**
   * Takes a Spec for one stage of its way, if nobody holds it: `generate` from WAITING, or from IN_PROGRESS or
   * READY_YAML when the lease there has ended; `review` from READY_CLIENT. Raises the attempt; `generate` sets
   * IN_PROGRESS and `steps`.
   * @returns the Spec as claimed, or null.
   */
  abstract claim(
    traceId: string,
    stage: SpecStage,
    lease: Lease,
    steps: readonly string[],
    now: number,
  ): Promise<Spec | null>;

  /**
   * Writes the next status under a claim. `release` also drops the lease; SUCCESS and ERROR are noted with the version,
   * and with SUCCESS it is the one that serves.
   * @returns false, with nothing written, when the claim is no longer the latest.
   */
  abstract advance(claim: Claim, progress: SpecProgress, now: number): Promise<boolean>;

  /** Moves the end of a lease. False when the claim is no longer the latest. */
  abstract renew(claim: Claim, until: number): Promise<boolean>;

  /**
   * Unfinished Specs that nobody holds and that were last touched (or last given out by this method) before
   * `untouchedSince`, oldest first; it notes that it gave them out, so that the next look does not repeat them at once.
   */
  abstract due(untouchedSince: number, limit: number, now: number): Promise<{ traceId: string; status: SpecStatus }[]>;

  /** The documents that an active Spec has had, newest first; `before` leaves out that version and all later ones. */
  abstract versions(
    project: string,
    traceId: string,
    page: { before?: number | undefined; limit: number },
  ): Promise<SpecVersion[]>;

  /** One version of an active Spec, or null. */
  abstract findVersion(project: string, traceId: string, version: number): Promise<SpecVersion | null>;

  /** Counts an answer of an operation that does not match the document. */
  abstract countDrift(specTraceId: string, drift: Omit<OperationDrift, 'count'>): Promise<void>;

  /** The operations of one version whose answers did not match, in no particular order. */
  abstract drifts(specTraceId: string, version: number): Promise<OperationDrift[]>;

  /** Stores the Client of one version, in place of an earlier one of the same version. */
  abstract saveClient(client: Client): Promise<void>;

  /** The Client of one version; without `version` the newest. */
  abstract findClient(specTraceId: string, version?: number): Promise<Client | null>;
}

export type SpecStage = 'generate' | 'review';

/** What an update changes. What is absent (or undefined) stays as it is; null removes what may be absent from a Spec. */
export interface SpecChange {
  readonly name?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Null: from now on the document's servers count. */
  readonly url?: string | null | undefined;
  /** In place of all that were set; null: none are set. */
  readonly serverVariables?: Readonly<Record<string, string>> | null | undefined;
  /** In place of all that were set; null: none are set. */
  readonly credentials?: Credentials | null | undefined;
  /** In place of all that was set; null: nothing is set. */
  readonly retry?: Partial<RetryPolicy> | null | undefined;
  /** In place of all that were set; null: none are set. */
  readonly limits?: Limits | null | undefined;
  /** A different document: raises the version. */
  readonly document?: { readonly content: Payload; readonly hash: string } | undefined;
  /** Start the generation anew, with these first steps. */
  readonly requeue?: { readonly steps: readonly string[] } | undefined;
  readonly now: number;
}

export interface PauseChange {
  /** The key that is meant; absent: the whole Spec. */
  readonly key?: string | undefined;
  /** False resumes it. */
  readonly paused: boolean;
}

export interface SpecProgress {
  readonly status: SpecStatus;
  readonly steps: readonly string[];
  readonly error?: string | undefined;
  /** The JSON text of the version's DocumentReport, once it is known. */
  readonly report?: Payload | undefined;
  /** Drop the lease: this stage is over. */
  readonly release: boolean;
}
