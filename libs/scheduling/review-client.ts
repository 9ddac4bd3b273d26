import { Permanent, SPEC_STEPS } from '#core';
import type { Clock, Spec, SpecProgress, SpecStore } from '#core';
import { clientFolder } from '#client-runtime';
import { clientFault } from './client-fault.js';
import type { ClientFolders } from './client-folders.js';
import type { ClientSource } from './client-source.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { PayloadStore } from './payload-store.js';
import type { ReleaseProcesses } from './release-processes.js';

const BEFORE = [SPEC_STEPS.received, SPEC_STEPS.claimed, SPEC_STEPS.yaml, SPEC_STEPS.client];

/** SPEC_CLIENT_GENERATED: reviews a generated Client and lets the Spec serve. */
export class ReviewClient {
  constructor(
    private readonly specs: SpecStore,
    private readonly clients: ClientSource,
    private readonly payloads: PayloadStore,
    private readonly folders: ClientFolders,
    private readonly release: ReleaseProcesses,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly owner: string,
  ) {}

  /** Takes a Spec whose Client waits for its review; null means that there is nothing to do. */
  async claim(traceId: string): Promise<Spec | null> {
    const lease = { owner: this.owner, until: this.leases.until() };
    return this.specs.claim(traceId, 'review', lease, BEFORE, this.clock.now());
  }

  /**
   * Reviews a claimed Spec's Client (`clientFault`): the Spec ends in SUCCESS, or in ERROR with one sentence.
   * @throws Unavailable when a backend of ours does not answer: the lease ends and the work begins anew.
   */
  async run(spec: Spec, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    this.leases.hold(spec, () => lost.abort());
    try {
      const client = await this.clients.client(spec.traceId, spec.version);
      const table = await this.clients.table(spec.traceId, spec.version);
      const files = await clientFolder({
        spec,
        table,
        yaml: (await this.payloads.read(client.yaml)).toString(),
        types: (await this.payloads.read(client.types)).toString(),
        now: this.clock.now(),
      });
      const fault = await clientFault(files, table, AbortSignal.any([signal, lost.signal]));
      if (fault !== null) throw new Permanent('CLIENT_FAULTY', fault);
      await this.folders.write(spec, files);
      await this.finish(spec, { status: 'SUCCESS', steps: [...BEFORE, SPEC_STEPS.reviewed], release: true });
    } catch (error) {
      if (lost.signal.aborted) return;
      if (!(error instanceof Permanent)) throw error;
      await this.finish(spec, { status: 'ERROR', steps: BEFORE, error: error.message, release: true });
    } finally {
      this.leases.letGo(spec);
    }
  }

  private async finish(spec: Spec, progress: SpecProgress): Promise<void> {
    if (await this.specs.advance(spec, progress, this.clock.now())) await this.release.execute(spec.traceId);
  }
}
