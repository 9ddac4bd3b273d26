import { setMaxListeners } from 'node:events';
import { ACK, RankQueue } from '#core';
import type { Clock, Message, Outcome, TraceContext } from '#core';

export interface ClaimedWorkOptions<Work> {
  /** How much work may be under way at once. */
  readonly slots: number;
  /**
   * How much more may be claimed at most, so that a free slot finds its next work at hand and claims come in numbers;
   * never more than lately began within `patienceMs`, since what is claimed here nobody else can begin.
   */
  readonly ahead: number;
  /** How long work should wait here at most; after that without a free slot others may have it. Milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Takes the work that a message tells of; null when there is nothing to do. */
  readonly claim: (traceId: string) => Promise<Work | null>;
  /** Which of the works that wait here goes first: that of the lowest rank; by default the one that came first. */
  readonly rankOf?: ((work: Work) => number) | undefined;
  /**
   * Does the work; must end by itself soon after `signal` aborts.
   * @param traceContext that of the message
   */
  readonly run: (work: Work, signal: AbortSignal, traceContext?: TraceContext) => Promise<void>;
  /** Gives work that was claimed and not begun to whoever comes next. Must not reject. */
  readonly giveBack: (work: Work) => Promise<void>;
  /** Told of work that failed; its lease ends by itself. */
  readonly onFault: (traceId: string, error: unknown) => void;
}

/** The handle on deliveries. */
interface Valve {
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

interface Claimed<Work> {
  readonly traceId: string;
  readonly work: Work;
  readonly traceContext: TraceContext | undefined;
}

const LATER: Outcome = { kind: 'retry', afterMs: 0 };

/**
 * Work that may outlast the patience of a broker: the message is acknowledged as soon as the claim is written, and
 * slots bound what is under way. When no slot has become free for long, deliveries pause, and what waits here goes to
 * others.
 */
export class ClaimedWork<Work> {
  private readonly underWay = new Set<Promise<void>>();
  private readonly abort = new AbortController();
  private readonly line = new RankQueue<Claimed<Work>>();
  private gate: ((open: boolean) => void)[] = [];
  private claiming = 0;
  /** Counts what has begun: how the watch sees that slots become free. */
  private begun = 0;
  private readonly pace: Pace;
  private watching = false;
  private paused = false;
  private stopping = false;
  private valve: Valve | null = null;

  constructor(private readonly options: ClaimedWorkOptions<Work>) {
    this.pace = new Pace(options.clock, options.patienceMs);
    // Each work under way listens to it.
    setMaxListeners(0, this.abort.signal);
  }

  /** Gives the handle on deliveries. */
  attach(valve: Valve): void {
    this.valve = valve;
  }

  async handle({ traceId, traceContext }: Message): Promise<Outcome> {
    if (this.stopping || !(await this.reserve())) return LATER;
    try {
      const work = await this.options.claim(traceId);
      if (work !== null) this.line.push({ traceId, work, traceContext }, this.options.rankOf?.(work) ?? 0);
      return ACK;
    } finally {
      this.claiming -= 1;
      // Whoever stops waits for the answers to all messages, and so for what they have claimed to be given back.
      if (this.isStopping()) await this.handOver();
      else this.goOn();
    }
  }

  /** Takes no more, aborts after `graceMs` what is under way, and resolves when it has ended. Safe to call twice. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    await this.handOver();
    const ended = new AbortController();
    const all = this.settled().then(() => ended.abort());
    await Promise.race([all, this.options.clock.sleep(graceMs, ended.signal)]);
    this.abort.abort();
    await all;
  }

  private async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** A call, since it changes while others are awaited. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private get held(): number {
    return this.underWay.size + this.line.size + this.claiming;
  }

  private get ahead(): number {
    return Math.min(this.options.ahead, this.pace.lately());
  }

  /** Counts one more claim as under way, now or when there is room; false when there will be none. */
  private async reserve(): Promise<boolean> {
    if (this.gate.length === 0 && this.held < this.options.slots + this.ahead) {
      this.claiming += 1;
      return true;
    }
    const opened = new Promise<boolean>((resolve) => this.gate.push(resolve));
    this.watch();
    return opened;
  }

  /** Starts what has a slot, and lets the next messages in. */
  private goOn(): void {
    const { slots } = this.options;
    if (this.stopping) {
      void this.handOver();
      return;
    }
    while (this.underWay.size < slots) {
      const next = this.line.shift();
      if (!next) break;
      this.start(next);
    }
    if (this.line.size > 0) this.watch();
    // Only at half of what may be claimed ahead: then claims come together and share a commit.
    const { ahead } = this;
    if (this.held <= slots + ahead / 2) {
      const admitted = this.gate.splice(0, slots + ahead - this.held);
      this.claiming += admitted.length;
      for (const open of admitted) open(true);
    }
    if (this.paused && this.underWay.size < slots) void this.resume();
  }

  private start({ traceId, work, traceContext }: Claimed<Work>): void {
    this.begun += 1;
    this.pace.count();
    const task = this.options
      .run(work, this.abort.signal, traceContext)
      .catch((error: unknown) => this.options.onFault(traceId, error))
      .finally(() => {
        this.underWay.delete(task);
        this.goOn();
      });
    this.underWay.add(task);
  }

  /** While something waits here: looks now and then whether slots still become free. */
  private watch(): void {
    if (this.watching || this.stopping) return;
    this.watching = true;
    void this.keepWatch().finally(() => (this.watching = false));
  }

  private async keepWatch(): Promise<void> {
    while (!this.stopping && this.line.size + this.gate.length > 0) {
      const { begun } = this;
      await this.options.clock.sleep(this.options.patienceMs, this.abort.signal);
      if (this.begun === begun) await this.holdUp();
    }
  }

  private async holdUp(): Promise<void> {
    if (this.stopping) return;
    this.paused = true;
    await this.valve?.pause();
    await this.handOver();
    this.goOn();
  }

  private async resume(): Promise<void> {
    this.paused = false;
    await this.valve?.resume();
  }

  private async handOver(): Promise<void> {
    for (const open of this.gate.splice(0)) open(false);
    await Promise.all(this.line.drain().map(({ work }) => this.options.giveBack(work)));
  }
}

/** Counts events and tells how many there were within the last while. */
class Pace {
  private since: number;
  private current = 0;
  private former = 0;

  constructor(
    private readonly clock: Clock,
    private readonly whileMs: number,
  ) {
    this.since = clock.now();
  }

  count(): void {
    this.turn();
    this.current += 1;
  }

  lately(): number {
    this.turn();
    return Math.max(this.current, this.former);
  }

  private turn(): void {
    const passedMs = this.clock.now() - this.since;
    if (passedMs >= 0 && passedMs < this.whileMs) return;
    this.former = passedMs < 2 * this.whileMs && passedMs >= 0 ? this.current : 0;
    this.current = 0;
    this.since += passedMs;
  }
}
