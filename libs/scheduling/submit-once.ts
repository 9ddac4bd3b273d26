import { createHmac } from 'node:crypto';
import { AppError, Conflict, newTraceId, Unavailable, Unprocessable } from '#core';
import type { Clock, IdempotencyStore, KeyStore, KeyTaken, WantedKey } from '#core';

/** How long a key is kept. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
/** How long a request may take before another may go on in its place: it would, at worst, find the work done. */
const BUSY_MS = 5_000;
const SWEEP_EVERY_MS = 60_000;
const SWEEP_LIMIT = 500;

/** A request that carries an idempotency key. */
export interface Submission {
  readonly project: string;
  /** A hash of the key with all that scopes it. */
  readonly key: string;
  /** A hash of the body. */
  readonly fingerprint: string;
}

/** How a thing is made under a trace id that is given. */
export interface Making {
  /** @throws Conflict `TRACE_ID_TAKEN` when it has been made already; Unavailable when that is unknown. */
  make(traceId: string): Promise<unknown>;
  /** Whether it has been made. */
  exists(traceId: string): Promise<boolean>;
}

/**
 * Carries out requests with an idempotency key once:
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 *
 * The trace id is kept with the key before anything is made. Whoever comes after a crash makes the thing under that
 * very trace id, which the database takes but once.
 */
export class SubmitOnce {
  private nextSweepAt = 0;
  private secret: Promise<Buffer> | undefined;

  constructor(
    private readonly keys: IdempotencyStore,
    private readonly secrets: KeyStore,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the trace id of what was made, and whether that was by an earlier request. What is refused (any AppError
   * but Unavailable) leaves no trace, so that the key is free for the request put right.
   * @throws Unprocessable when the key stands for another body, Conflict while the same request is being carried out,
   * and whatever `make` throws.
   */
  async execute(submission: Submission, making: Making): Promise<{ traceId: string; isReplayed: boolean }> {
    const now = this.clock.now();
    const wanted: WantedKey = {
      ...{ ...submission, fingerprint: await this.keyed(submission.fingerprint), traceId: newTraceId() },
      ...{ busyUntil: now + BUSY_MS, expiresAt: now + KEPT_MS },
    };
    let taken = await this.keys.take(wanted, now);
    // Until its keys are forgotten an older release's fingerprints are not keyed.
    if (taken.state === 'other') taken = await this.keys.take({ ...wanted, ...submission }, now);
    this.sweepAtTimes(now);
    const { traceId } = taken;
    if (await this.isMade(taken, wanted, making)) return { traceId, isReplayed: true };
    const isReplayed = !(await this.make(wanted, traceId, making));
    return { traceId, isReplayed };
  }

  /** A hash by which nobody who reads the database can tell what the body was by trying bodies. */
  private async keyed(fingerprint: string): Promise<string> {
    this.secret ??= this.secrets.key('submissions').catch((error: unknown) => {
      this.secret = undefined;
      throw error;
    });
    return createHmac('sha256', await this.secret)
      .update(fingerprint)
      .digest('base64url');
  }

  private async isMade(
    { state, traceId }: KeyTaken,
    { key, traceId: own }: WantedKey,
    making: Making,
  ): Promise<boolean> {
    if (state === 'done') return true;
    if (state === 'other') throw reused();
    if (traceId !== own && (await making.exists(traceId))) {
      this.noteEnd(key, traceId);
      return true;
    }
    if (state === 'busy') throw busy();
    return false;
  }

  /** @returns whether it was made here. */
  private async make({ key, busyUntil }: WantedKey, traceId: string, making: Making): Promise<boolean> {
    let isMadeHere = true;
    try {
      await making.make(traceId);
    } catch (error) {
      if (!(error instanceof Conflict && error.code === 'TRACE_ID_TAKEN')) {
        // Of what nobody foresaw is not known whether it has made the thing.
        const isRefused = error instanceof AppError && !(error instanceof Unavailable);
        if (isRefused) await this.keys.giveUp(key, traceId, busyUntil);
        throw error;
      }
      isMadeHere = false;
    }
    this.noteEnd(key, traceId);
    return isMadeHere;
  }

  /** Nobody waits for it: until it is noted, that the thing exists says the same. */
  private noteEnd(key: string, traceId: string): void {
    this.keys.end(key, traceId).catch(() => undefined);
  }

  private sweepAtTimes(now: number): void {
    if (now < this.nextSweepAt) return;
    this.nextSweepAt = now + SWEEP_EVERY_MS;
    this.keys.sweep(SWEEP_LIMIT, now).then(
      (removed) => {
        // There may be more.
        if (removed === SWEEP_LIMIT) this.nextSweepAt = now;
      },
      // The next request's look comes all the same.
      () => undefined,
    );
  }
}

function reused(): Unprocessable {
  const expected = 'the body that the Idempotency-Key was first sent with, or a new key';
  const message = `Expected ${expected}, got another body.`;
  return new Unprocessable('IDEMPOTENCY_KEY_REUSED', message, [
    { pointer: '', expected, got: 'another body', message },
  ]);
}

function busy(): Conflict {
  return new Conflict(
    'IDEMPOTENCY_KEY_BUSY',
    'Expected the first request with this Idempotency-Key to have been answered, but it is still being carried out: try again in a moment.',
  );
}
