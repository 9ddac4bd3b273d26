import type { Bucket, Entry, Limits, PermitAsk, Reservation } from '#core';
import { bucketOf, LATE_MS, LINE_MS, RESERVED_MS } from '#core';

/** How often what has lapsed is looked for, in milliseconds. */
const SWEEP_MS = 1_000;
/** What sums of fractions may be off by, in milliseconds. */
const SLACK_MS = 0.001;

/** The permits of one Spec; `now` in epoch milliseconds throughout. */
export class SpecGate {
  /** When the bucket would be full again: the "theoretical arrival time" of GCRA. */
  private fullAt = 0;
  /** By trace id, when each permit of concurrency ends. */
  private readonly permits = new Map<string, number>();
  /** By trace id, when each lapses; kept for a while after that. */
  private readonly reserved = new Map<string, number>();
  /** By key, how long those that come stay behind. */
  private readonly lines = new Map<string, number>();
  private sweptAt = 0;

  enter(limits: Limits, { traceId, key }: PermitAsk, leaseMs: number, now: number): Entry {
    this.sweep(now);
    const bucket = bucketOf(limits);
    const reservedUntil = this.reserved.get(traceId);
    this.reserved.delete(traceId);
    if (isAfter(reservedUntil, now)) {
      if (bucket.concurrency > 0) this.permits.set(traceId, now + leaseMs);
      return { isGranted: true, waitMs: 0 };
    }
    if (reservedUntil === undefined && isAfter(this.lines.get(key), now)) return { isGranted: false, waitMs: 0 };
    const waitMs = this.waitMs(bucket, traceId, now);
    if (waitMs === 0) this.take(bucket, traceId, now, leaseMs);
    else this.lines.set(key, now + LINE_MS + (waitMs ?? 0));
    return { isGranted: waitMs === 0, waitMs };
  }

  reserve(limits: Limits, asks: readonly PermitAsk[], now: number): Reservation {
    this.sweep(now);
    const bucket = bucketOf(limits);
    const granted: string[] = [];
    let waitMs: number | null = 0;
    for (const { traceId, key } of asks) {
      if (isAfter(this.reserved.get(traceId), now) || isAfter(this.permits.get(traceId), now)) continue;
      if (waitMs === 0) waitMs = this.waitMs(bucket, traceId, now);
      if (waitMs === 0) {
        this.take(bucket, traceId, now, RESERVED_MS);
        this.reserved.set(traceId, now + RESERVED_MS);
        granted.push(traceId);
      } else {
        this.lines.set(key, now + LINE_MS + (waitMs ?? 0));
      }
    }
    return { granted, waitMs };
  }

  emptied(keys: readonly string[]): void {
    for (const key of keys) this.lines.delete(key);
  }

  renew(traceIds: readonly string[], until: number): void {
    for (const traceId of traceIds) this.permits.set(traceId, until);
  }

  leave(traceId: string): void {
    this.permits.delete(traceId);
    this.reserved.delete(traceId);
  }

  isIdle(now: number): boolean {
    this.sweptAt = 0;
    this.sweep(now);
    return this.fullAt <= now && this.permits.size + this.reserved.size + this.lines.size === 0;
  }

  /** When the next could start; null: when a permit comes back. */
  private waitMs({ everyMs, burst, concurrency }: Bucket, traceId: string, now: number): number | null {
    if (concurrency > 0 && this.permits.size >= concurrency && !this.permits.has(traceId)) return null;
    // Fuller than full is by a clock that was set back, or by other limits.
    this.fullAt = Math.min(this.fullAt, now + burst * everyMs);
    const waitMs = this.fullAt - now - (burst - 1) * everyMs;
    return waitMs > SLACK_MS ? waitMs : 0;
  }

  private take({ everyMs, concurrency }: Bucket, traceId: string, now: number, leaseMs: number): void {
    this.fullAt = Math.max(this.fullAt, now) + everyMs;
    if (concurrency > 0) this.permits.set(traceId, now + leaseMs);
  }

  private sweep(now: number): void {
    if (now >= this.sweptAt && now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    for (const ends of [this.permits, this.lines]) for (const [name, end] of ends) if (end <= now) ends.delete(name);
    for (const [traceId, end] of this.reserved) if (end + LATE_MS <= now) this.reserved.delete(traceId);
  }
}

function isAfter(end: number | undefined, now: number): boolean {
  return end !== undefined && end > now;
}
