import type { CallRecord, Claim, Lease, ProcessOutcome, ProcessStore, SchedulerProcess, Turn } from '#core';
import type { StoreHarness } from './harness.js';
import { SAMPLE_TIME, sampleProcess, sampleResponse } from './samples.js';

export const CLAIMED = ['Received in the API', 'Received in the worker'];
export const EXECUTED = [...CLAIMED, 'Executed command successfully'];
export const LEASE_MS = 60_000;

/** What the tests of a ProcessStore do again and again, at `SAMPLE_TIME`. */
export class ProcessFixture {
  readonly store: ProcessStore;
  readonly other: ProcessStore;

  constructor(readonly harness: StoreHarness<ProcessStore>) {
    this.store = harness.store;
    this.other = harness.other;
  }

  async insert(change: Partial<SchedulerProcess> = {}): Promise<SchedulerProcess> {
    const process = sampleProcess(change);
    await this.store.insert(process);
    return process;
  }

  async insertMany(count: number): Promise<SchedulerProcess[]> {
    return Promise.all(Array.from({ length: count }, () => this.insert()));
  }

  async insertClaimed(change: Partial<SchedulerProcess> = {}): Promise<Claim> {
    const { traceId } = await this.insert(change);
    const claimed = await this.store.claim(traceId, lease(), CLAIMED, SAMPLE_TIME);
    return { traceId, attempt: claimed!.attempt };
  }

  /** Inserts, claims and parks a process for a Spec. */
  async park(specTraceId: string, change: Partial<SchedulerProcess> = {}): Promise<string> {
    const claim = await this.insertClaimed({ specTraceId, ...change });
    await this.store.handBack(claim, { dueAt: null, steps: ['Received in the API'] }, SAMPLE_TIME);
    return claim.traceId;
  }

  async due(query: Partial<Parameters<ProcessStore['due']>[0]> = {}, store = this.store): Promise<string[]> {
    const now = SAMPLE_TIME;
    return idsOf(await store.due({ dueBefore: now + 1, repeatAfter: now + 30_000, limit: 100, now, ...query }));
  }

  /** What was given out may be given out by `due` at once. */
  async dueTimed(limit: number, now: number, store = this.store): Promise<string[]> {
    return idsOf(await store.dueTimed({ limit, now, repeatAfter: now }));
  }

  async release(specTraceId: string, limit: number, now: number, store = this.store): Promise<string[]> {
    return idsOf(await store.release(specTraceId, limit, now));
  }
}

/** The trace ids of turns, in their order. */
export function idsOf(turns: readonly Turn[]): string[] {
  return turns.map(({ traceId }) => traceId);
}

/** Of the first worker unless said, until `LEASE_MS` from `SAMPLE_TIME` unless said. */
export function lease(owner = 'first', until = SAMPLE_TIME + LEASE_MS): Lease {
  return { owner, until };
}

/** The outcome of a process that was answered; by default the answer of `sampleResponse`. */
export function success(response = sampleResponse()): ProcessOutcome {
  return { status: 'SUCCESS', response };
}

/** A call that failed with this sentence, or else was answered. */
export function sampleCall(number: number, error?: string): CallRecord {
  const answered = { response: { status: 503, headers: [['Retry-After', '1']] as const, bytes: 10 } };
  return {
    ...{ number, startedAt: SAMPLE_TIME, endedAt: SAMPLE_TIME + 5, worker: 'first' },
    ...(error === undefined ? undefined : { error }),
    ...answered,
  };
}
