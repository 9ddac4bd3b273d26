import { bucketOf, rankOf, specReadiness } from '#core';
import type { Clock, FlowControl, ProcessStore, Spec, SpecStore, Turn, Worker } from '#core';
import type { BreakerWatch } from './breaker-watch.js';
import type { GateListener } from './gate.js';
import type { Herald } from './herald.js';

export interface GatekeeperOptions {
  /** The longest between two looks at everything, in milliseconds: nothing depends on being woken. */
  readonly everyMs: number;
  /** What was released is left to its message for so long, in milliseconds. */
  readonly repeatMs: number;
  /** Told when a look fails; the next one comes all the same. */
  readonly onFault: (error: unknown) => void;
}

/** How many processes and keys of one Spec one look takes on. */
const BATCH = 500;
const KEYS = 200;
const SPECS = 1_000;
/** The shortest between two looks, in milliseconds: those that are asked for meanwhile become one. */
const SHORTEST_MS = 5;

/** The first of one key's line. */
interface Line {
  readonly key: string;
  readonly turns: readonly Turn[];
}

/**
 * Lets those go that are held at the gates of Specs, as they may start: by rank within a key, and the keys in turns. The
 * database says who is held; several of these at work release a few too many at worst, which are held again.
 */
export class Gatekeeper implements Worker, GateListener {
  readonly name = 'gatekeeper';
  /** When to look at which Spec. */
  private readonly looks = new Map<string, number>();
  /** The Specs that had somebody held when last looked at. */
  private readonly busy = new Set<string>();
  /** The key that was served last, by Spec. */
  private readonly served = new Map<string, string>();
  private nextFullLook = 0;
  /** Where the next look at everything goes on; null: at the first Spec. */
  private behind: string | null = null;
  /** The Specs that had somebody held since such a look last began at the first. */
  private readonly found = new Set<string>();
  private alarm = new AbortController();

  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly flow: FlowControl,
    private readonly breakers: BreakerWatch,
    private readonly herald: Herald,
    private readonly clock: Clock,
    private readonly options: GatekeeperOptions,
  ) {}

  freed(specTraceId: string): void {
    if (this.busy.has(specTraceId)) this.expect(specTraceId, 0);
  }

  expect(specTraceId: string, inMs: number): void {
    this.busy.add(specTraceId);
    const at = this.clock.now() + inMs;
    if (at >= (this.looks.get(specTraceId) ?? Infinity)) return;
    this.looks.set(specTraceId, at);
    this.alarm.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const onStop = () => this.alarm.abort();
    signal.addEventListener('abort', onStop);
    while (!signal.aborted) {
      this.alarm = new AbortController();
      const pauseMs = await this.look();
      await this.clock.sleep(SHORTEST_MS, signal);
      // Whoever rang since this turn began is not slept over.
      await this.clock.sleep(Math.max(0, pauseMs - SHORTEST_MS), this.alarm.signal);
    }
    signal.removeEventListener('abort', onStop);
  }

  /** One look at what it is time for. @returns how long until the next, in milliseconds. */
  async runOnce(): Promise<number> {
    // What is released now nobody would hear of.
    if (!this.herald.heard) return this.options.everyMs;
    const now = this.clock.now();
    if (now >= this.nextFullLook || this.nextFullLook - now > this.options.everyMs) await this.lookAtAll(now);
    for (const [specTraceId, at] of this.looks) {
      if (at > this.clock.now() && at - this.clock.now() <= this.options.everyMs) continue;
      this.looks.delete(specTraceId);
      const inMs = await this.tend(specTraceId);
      if (inMs !== null) this.expect(specTraceId, inMs);
    }
    return Math.max(0, Math.min(this.nextFullLook, ...this.looks.values()) - this.clock.now());
  }

  private async look(): Promise<number> {
    try {
      return await this.runOnce();
    } catch (error) {
      this.options.onFault(error);
      return this.options.everyMs;
    }
  }

  private async lookAtAll(now: number): Promise<void> {
    this.nextFullLook = now + this.options.everyMs;
    await this.breakers.look();
    const held = await this.processes.heldSpecs(this.behind, SPECS);
    for (const specTraceId of held) {
      this.found.add(specTraceId);
      this.busy.add(specTraceId);
      // What is known to come free later is left to its time.
      if (!this.looks.has(specTraceId)) this.looks.set(specTraceId, now);
    }
    this.behind = held.length < SPECS ? null : (held.at(-1) ?? null);
    if (this.behind === null) this.forgetOthers();
  }

  /** Those that nobody was found held at. */
  private forgetOthers(): void {
    for (const specTraceId of this.busy) if (!this.found.has(specTraceId)) this.busy.delete(specTraceId);
    for (const specTraceId of this.served.keys()) if (!this.busy.has(specTraceId)) this.served.delete(specTraceId);
    this.found.clear();
  }

  /** Lets go who may start at one gate. @returns when to look again, in milliseconds; null: nobody is held. */
  private async tend(specTraceId: string): Promise<number | null> {
    const spec = await this.specs.find(null, specTraceId);
    const isCalled = spec !== null && specReadiness(spec) === 'ready';
    if (isCalled && spec.paused) return this.options.everyMs;
    const waitMs = isCalled ? this.breakers.waitMs(specTraceId) : 0;
    if (waitMs > 0) return Math.min(waitMs, this.options.everyMs);
    const room = Math.min(BATCH, this.herald.room);
    if (room <= 0) return this.options.everyMs / 10;
    const { keys, isAll } = await this.keysOf(specTraceId, isCalled ? (spec.pausedKeys ?? []) : []);
    if (keys.length === 0) return isAll ? null : this.options.everyMs;
    if (isCalled && this.breakers.isTrying(specTraceId)) {
      const lines = await this.linesOf(specTraceId, keys.slice(0, 1), 1);
      await this.letThrough(spec, inTurns(lines));
      return this.options.everyMs;
    }
    return isCalled && spec.limits ? this.tendLimited(spec, keys, room) : this.release(specTraceId, keys, room);
  }

  /** The keys that come next, those paused left out, and whether those are all that anybody is held under. */
  private async keysOf(specTraceId: string, paused: readonly string[]): Promise<{ keys: string[]; isAll: boolean }> {
    const last = this.served.get(specTraceId) ?? null;
    const after = await this.processes.heldKeys(specTraceId, last, KEYS + paused.length);
    const isFull = after.length >= KEYS + paused.length;
    const rest = isFull || last === null ? [] : await this.processes.heldKeys(specTraceId, null, KEYS + paused.length);
    const all = [...new Set([...after, ...rest])];
    const keys = all.filter((key) => !paused.includes(key)).slice(0, KEYS);
    return { keys, isAll: all.length === keys.length };
  }

  private linesOf(specTraceId: string, keys: readonly string[], each: number): Promise<Line[]> {
    return Promise.all(
      keys.map(async (key) => ({ key, turns: await this.processes.heldLine(specTraceId, key, each) })),
    );
  }

  /** Nothing keeps them any more: all that the bus has room for. */
  private async release(specTraceId: string, keys: readonly string[], room: number): Promise<number> {
    const each = Math.ceil(room / keys.length);
    const lines = await this.linesOf(specTraceId, keys, each);
    const turns = lines.flatMap(({ turns: of }) => of).sort((a, b) => rankOf(a) - rankOf(b));
    await this.call(turns.slice(0, room));
    return 0;
  }

  private async tendLimited(spec: Spec, keys: readonly string[], room: number): Promise<number | null> {
    const { everyMs, burst, concurrency } = bucketOf(spec.limits ?? {});
    const most = Math.min(room, everyMs > 0 ? burst : room, concurrency > 0 ? concurrency : room);
    const each = Math.ceil(most / keys.length);
    const lines = await this.linesOf(spec.traceId, keys, each);
    const asks = inTurns(lines).slice(0, most);
    const { granted, waitMs } = await this.letThrough(spec, asks);
    const emptied = lines.filter(({ turns }) => turns.length < each && isSubset(turns, granted)).map(({ key }) => key);
    if (emptied.length > 0) await this.flow.emptied(spec.traceId, emptied);
    if (granted.size > 0 && granted.size === asks.length) return 0;
    return waitMs === null ? this.options.everyMs : Math.min(waitMs, this.options.everyMs);
  }

  private async letThrough(spec: Spec, asks: readonly (Turn & { key: string })[]) {
    const { limits, traceId: specTraceId } = spec;
    const { granted, waitMs } = limits
      ? await this.flow.reserve(specTraceId, limits, asks)
      : { granted: asks.map(({ traceId }) => traceId), waitMs: null };
    const names = new Set(granted);
    const chosen = asks.filter(({ traceId }) => names.has(traceId));
    const last = chosen.at(-1);
    if (last) this.served.set(specTraceId, last.key);
    const called = new Set(await this.call(chosen));
    // Cancelled, expired, or released by another worker in this very moment.
    const unused = granted.filter((traceId) => !called.has(traceId));
    if (limits) await Promise.all(unused.map((traceId) => this.flow.leave(specTraceId, traceId)));
    return { granted: names, waitMs };
  }

  /** @returns the trace ids of those that were still held. */
  private async call(turns: readonly Turn[]): Promise<readonly string[]> {
    if (turns.length === 0) return [];
    const now = this.clock.now();
    const traceIds = turns.map(({ traceId }) => traceId);
    const released = await this.processes.releaseHeld(traceIds, now + this.options.repeatMs, now);
    const isReleased = new Set(released);
    for (const turn of turns) if (isReleased.has(turn.traceId)) this.herald.call(turn);
    return released;
  }
}

/** The first of each line, then the second of each, and so on. */
function inTurns(lines: readonly Line[]): (Turn & { key: string })[] {
  const longest = Math.max(0, ...lines.map(({ turns }) => turns.length));
  return Array.from({ length: longest }, (_, place) =>
    lines.flatMap(({ key, turns }) => {
      const turn = turns[place];
      return turn ? [{ ...turn, key }] : [];
    }),
  ).flat();
}

function isSubset(turns: readonly Turn[], of: ReadonlySet<string>): boolean {
  return turns.every(({ traceId }) => of.has(traceId));
}
