import type { Redis } from 'ioredis';
import { bucketOf, FAILURES_COUNT_MS, FlowControl, LATE_MS, LINE_MS, messageOf, RESERVED_MS } from '#core';
import type {
  Breaker,
  BreakerPolicy,
  BreakerState,
  Clock,
  Entry,
  Limits,
  PermitAsk,
  Reservation,
  Verdict,
} from '#core';
import type { RedisConnection, Script } from '../../connection/redis/index.js';
import { FaultReporter } from '../../connection/redis/index.js';
import { MemoryFlowControl } from '../memory/index.js';
import { BREAKERS, ENTER, PROBE, RENEW, REPORT, RESERVE } from './scripts.js';
import type { Answer } from './scripts.js';

export interface RedisFlowControlOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** What each key in Redis starts with (`callboard:`). */
  readonly prefix?: string | undefined;
  /** Told at most once a minute that Redis could not be asked: the newest reason, and how often since last told. */
  readonly onFault?: ((fault: string, count: number) => void) | undefined;
}

/**
 * Limits and breakers that all workers of an installation share. Without its server each worker counts for itself, from
 * nothing, so that calls go on: limits hold per worker then.
 */
export class RedisFlowControl extends FlowControl {
  private readonly alone: MemoryFlowControl;
  private readonly reporter: FaultReporter;
  private readonly prefix: string;

  constructor(private readonly options: RedisFlowControlOptions) {
    super();
    const { clock, prefix = 'callboard:', onFault } = options;
    this.prefix = prefix;
    this.alone = new MemoryFlowControl(clock);
    this.reporter = new FaultReporter(clock, onFault);
  }

  async enter(spec: string, limits: Limits, ask: PermitAsk, leaseMs: number): Promise<Entry> {
    const row = [...bucketRow(limits), leaseMs, LINE_MS, LATE_MS, ask.traceId, ask.key];
    const answer = await this.ask(ENTER, this.gateKeys(spec), row);
    if (!answer) return this.alone.enter(spec, limits, ask, leaseMs);
    const [isGranted, waitMs] = answer;
    return { isGranted: isGranted === 1, waitMs: waitOf(waitMs) };
  }

  async reserve(spec: string, limits: Limits, asks: readonly PermitAsk[]): Promise<Reservation> {
    const row = [
      ...bucketRow(limits),
      RESERVED_MS,
      LINE_MS,
      LATE_MS,
      ...asks.flatMap(({ traceId, key }) => [traceId, key]),
    ];
    const answer = await this.ask(RESERVE, this.gateKeys(spec), row);
    if (!answer) return this.alone.reserve(spec, limits, asks);
    const [waitMs, ...granted] = answer;
    return { granted: granted.map(String), waitMs: waitOf(waitMs) };
  }

  async emptied(spec: string, keys: readonly string[]): Promise<void> {
    await this.alone.emptied(spec, keys);
    const [, , , lines = ''] = this.gateKeys(spec);
    if (keys.length > 0) await this.try((redis) => redis.zrem(lines, ...keys));
  }

  async renew(spec: string, traceIds: readonly string[], leaseMs: number): Promise<void> {
    await this.alone.renew(spec, traceIds, leaseMs);
    const [, permits = ''] = this.gateKeys(spec);
    await this.ask(RENEW, [permits], [leaseMs, ...traceIds]);
  }

  async leave(spec: string, traceId: string): Promise<void> {
    await this.alone.leave(spec, traceId);
    const [, permits = '', reserved = ''] = this.gateKeys(spec);
    await this.try((redis) => Promise.all([redis.zrem(permits, traceId), redis.zrem(reserved, traceId)]));
  }

  async breakers(): Promise<ReadonlyMap<string, Breaker>> {
    const answer = await this.ask(BREAKERS, [this.openKey], [this.breakerKey('')]);
    if (!answer) return this.alone.breakers();
    const found = new Map<string, Breaker>();
    for (let place = 0; place < answer.length; place += 3) {
      const [spec, ...breaker] = answer.slice(place, place + 3);
      found.set(String(spec), breakerOf(breaker));
    }
    return found;
  }

  async probe(spec: string, traceId: string, probeMs: number): Promise<Breaker & { isGranted: boolean }> {
    const answer = await this.ask(PROBE, [this.breakerKey(spec), this.openKey], [spec, traceId, probeMs]);
    if (!answer) return this.alone.probe(spec, traceId, probeMs);
    const [isGranted, ...breaker] = answer;
    return { isGranted: isGranted === 1, ...breakerOf(breaker) };
  }

  async report(spec: string, traceId: string, verdict: Verdict, policy: BreakerPolicy): Promise<Breaker> {
    const { failures, openMs, longestOpenMs } = policy;
    const row = [spec, traceId, verdict, failures, openMs, longestOpenMs, FAILURES_COUNT_MS];
    const answer = await this.ask(REPORT, [this.breakerKey(spec), this.openKey], row);
    return answer ? breakerOf(answer) : this.alone.report(spec, traceId, verdict, policy);
  }

  private gateKeys(spec: string): string[] {
    return ['bucket', 'permits', 'reserved', 'lines'].map((part) => `${this.prefix}gate:${spec}:${part}`);
  }

  private breakerKey(spec: string): string {
    return `${this.prefix}breaker:${spec}`;
  }

  private get openKey(): string {
    return `${this.prefix}breakers`;
  }

  /** Runs a script. @returns null when Redis could not be asked. */
  private ask(
    script: Script<Answer>,
    keys: readonly string[],
    row: readonly (string | number)[],
  ): Promise<Answer | null> {
    return this.try((redis) => script.run(redis, keys, row));
  }

  private async try<T>(question: (redis: Redis) => Promise<T>): Promise<T | null> {
    try {
      return await this.options.connection.ask(question);
    } catch (error) {
      this.reporter.record(new Error(`limits hold per worker: ${messageOf(error)}`));
      return null;
    }
  }
}

function bucketRow(limits: Limits): number[] {
  const { everyMs, burst, concurrency } = bucketOf(limits);
  return [everyMs, burst, concurrency];
}

function waitOf(text: string | number | undefined): number | null {
  return text === '' || text === undefined ? null : Number(text);
}

function breakerOf([state, waitMs]: Answer): Breaker {
  return { state: state as BreakerState, waitMs: Number(waitMs) };
}
