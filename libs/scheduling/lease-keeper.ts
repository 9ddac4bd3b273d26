import type { Claim, Clock, Worker } from '#core';

/** What the keeper renews: asks the store to move the ends of these leases, and learns which are still held. */
export type RenewLeases = (claims: readonly Claim[], until: number) => Promise<readonly Claim[]>;

/** Which of these claims are still the latest. */
export type HeldClaims = (claims: readonly Claim[]) => Promise<readonly Claim[]>;

interface Held {
  readonly claim: Claim;
  readonly since: number;
  readonly onLost: () => void;
  /** Whether a look has come across it. */
  seen: boolean;
}

/** Renews the leases of the work under way, all in one stroke, three times within each lease's length. */
export class LeaseKeeper implements Worker {
  readonly name: string;
  /** Work that was begun goes on for a while, and nobody else is to take it up meanwhile. */
  readonly stopsLast = true;
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly options: {
      readonly name: string;
      readonly clock: Clock;
      readonly leaseMs: number;
      readonly renew: RenewLeases;
      /** Told when leases could not be renewed; they are soon tried again. */
      readonly onFault?: ((error: unknown) => void) | undefined;
    },
  ) {
    this.name = options.name;
  }

  /** The end of a lease that begins now. */
  until(): number {
    return this.options.clock.now() + this.options.leaseMs;
  }

  /**
   * Keeps a claim's lease from ending; `onLost` is called once if the claim is lost.
   * @param since when the lease began: before the claim was written, which may take a while.
   */
  hold(claim: Claim, onLost: () => void = () => undefined, since = this.options.clock.now()): void {
    this.held.set(claim.traceId, { claim, since, onLost, seen: false });
  }

  /** Lets a claim's lease run out by itself, unless the same work has been claimed anew since. */
  letGo(claim: Claim): void {
    if (this.held.get(claim.traceId)?.claim.attempt === claim.attempt) this.held.delete(claim.traceId);
  }

  /**
   * Whether work that is held here is still this worker's, though its lease may have ended: while a machine stands still
   * nobody renews, and nobody need have taken over. Then it is renewed.
   */
  async keeps(traceId: string): Promise<boolean> {
    const entry = this.held.get(traceId);
    if (!entry) return false;
    const kept = await this.options.renew([entry.claim], this.until());
    this.loseAllBut(kept, [entry]);
    return kept.length > 0;
  }

  /** Takes note that this work is nobody's any more, whichever claim of it is held here. */
  lose(traceId: string): void {
    const entry = this.held.get(traceId);
    this.held.delete(traceId);
    entry?.onLost();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, leaseMs } = this.options;
    let pauseMs = leaseMs / 3;
    for (;;) {
      await clock.sleep(pauseMs, signal);
      if (signal.aborted) return;
      pauseMs = (await this.renewed()) ? leaseMs / 3 : leaseMs / 10;
    }
  }

  /** False when it failed: then there is no time for a pause that grows, or others would take over what is alive. */
  private async renewed(): Promise<boolean> {
    try {
      await this.runOnce();
      return true;
    } catch (error) {
      this.options.onFault?.(error);
      return false;
    }
  }

  /** Renews once whatever is held for longer than a third of a lease: most work ends before that. */
  async runOnce(): Promise<void> {
    const young = this.options.clock.now() - this.options.leaseMs / 3;
    const asked = [...this.held.values()].filter((entry) => entry.since <= young);
    if (asked.length === 0) return;
    const kept = await this.options.renew(
      asked.map((entry) => entry.claim),
      this.until(),
    );
    this.loseAllBut(kept, asked);
  }

  /** Looks once whether what is held still is, but for what no earlier look has seen: most work ends before that. */
  async look(heldOf: HeldClaims): Promise<void> {
    const asked: Held[] = [];
    for (const entry of this.held.values()) {
      if (entry.seen) asked.push(entry);
      entry.seen = true;
    }
    if (asked.length > 0) this.loseAllBut(await heldOf(asked.map((entry) => entry.claim)), asked);
  }

  private loseAllBut(kept: readonly Claim[], asked: readonly Held[]): void {
    const stillHeld = new Set(kept.map((claim) => `${claim.traceId} ${claim.attempt}`));
    for (const { claim, onLost } of asked) {
      if (stillHeld.has(`${claim.traceId} ${claim.attempt}`)) continue;
      this.letGo(claim);
      onLost();
    }
  }
}
