import type { Claim, Lease } from '../lease.js';
import type { Payload } from '../payload.js';
import type { Sdk } from '../sdk.js';

/**
 * Where SDKs are kept: at most one of each generator for each version of a Spec. Every method is one atomic change or
 * one query; a change is durable when its promise resolves. All methods reject with `Unavailable` when the database
 * does not answer in time.
 */
export abstract class SdkStore {
  /**
   * Asks for an SDK: adds it as WAITING when there is none of its Spec, version and generator, and leads one in ERROR
   * back to WAITING (no error, the attempt raised, `updatedAt` now). Any other stays as it is.
   * @param now also when a new one was created.
   * @returns the SDK as it is now; of several that ask at once all get the same.
   */
  abstract ask(wanted: WantedSdk, now: number): Promise<Sdk>;

  /** The SDK of a Spec by a generator: of this version, or else of the newest that was asked for. Null: none was. */
  abstract find(project: string, specTraceId: string, generator: string, version?: number): Promise<Sdk | null>;

  /** All SDKs of a Spec, by generator and then newest version first. */
  abstract list(project: string, specTraceId: string): Promise<Sdk[]>;

  /**
   * Takes the oldest SDK that can be made, of whichever Spec: one that is WAITING, or IN_PROGRESS with a lease that has
   * ended. Sets IN_PROGRESS and raises the attempt. Null when there is none.
   */
  abstract claim(lease: Lease, now: number): Promise<Sdk | null>;

  /** Moves the end of a lease. False when the claim is no longer the latest. */
  abstract renew(claim: Claim, until: number): Promise<boolean>;

  /**
   * Ends an SDK under a claim: SUCCESS with its zip, or ERROR with one sentence.
   * @returns false, with nothing written, when the claim is no longer the latest.
   */
  abstract finish(claim: Claim, outcome: SdkOutcome, now: number): Promise<boolean>;
}

/** What is asked for; the trace id is the new SDK's, should it become one. */
export type WantedSdk = Pick<Sdk, 'traceId' | 'project' | 'specTraceId' | 'version' | 'generator'>;

export type SdkOutcome = { readonly archive: Payload } | { readonly error: string };
