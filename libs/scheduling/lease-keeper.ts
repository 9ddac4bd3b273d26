import type { Claim, Clock, Worker } from '#core';

/** What the keeper renews: asks the store to move the ends of these leases, and learns which are still held. */
export type RenewLeases = (claims: readonly Claim[], until: number) => Promise<readonly Claim[]>;

/** Renews the leases of the work under way, all in one stroke, three times within each lease's length. */
export class LeaseKeeper implements Worker {
  readonly name: string;
  private readonly held = new Map<string, { claim: Claim; since: number; onLost: () => void }>();

  constructor(
    private readonly options: {
      readonly name: string;
      readonly clock: Clock;
      readonly leaseMs: number;
      readonly renew: RenewLeases;
    },
  ) {
    this.name = options.name;
  }

  /** The end of a lease that begins now. */
  until(): number {
    return this.options.clock.now() + this.options.leaseMs;
  }

  /** Keeps a claim's lease from ending; `onLost` is called once if another worker has taken the work over. */
  hold(claim: Claim, onLost: () => void = () => undefined): void {
    this.held.set(claim.traceId, { claim, since: this.options.clock.now(), onLost });
  }

  /** Lets a claim's lease run out by itself, unless the same work has been claimed anew since. */
  letGo(claim: Claim): void {
    if (this.held.get(claim.traceId)?.claim.attempt === claim.attempt) this.held.delete(claim.traceId);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (await this.pause(signal)) await this.runOnce();
  }

  /** False once the keeper is to stop. */
  private async pause(signal: AbortSignal): Promise<boolean> {
    await this.options.clock.sleep(this.options.leaseMs / 3, signal);
    return !signal.aborted;
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
    const stillHeld = new Set(kept.map((claim) => `${claim.traceId} ${claim.attempt}`));
    for (const { claim, onLost } of asked) {
      if (stillHeld.has(`${claim.traceId} ${claim.attempt}`)) continue;
      this.letGo(claim);
      onLost();
    }
  }
}
