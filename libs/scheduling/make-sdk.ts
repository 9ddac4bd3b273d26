import { AppError, Permanent, Unavailable } from '#core';
import type { BlobStore, Clock, Payload, Sdk, SdkOutcome, SdkStore, SpecStore } from '#core';
import type { SdkMaker } from '#openapi';
import type { LeaseKeeper } from './lease-keeper.js';
import type { PayloadStore } from './payload-store.js';
import { sdkName } from './sdk-name.js';

/** Makes the SDKs that were asked for, one by one under a claim each. */
export class MakeSdk {
  constructor(
    private readonly specs: SpecStore,
    private readonly sdks: SdkStore,
    private readonly maker: Pick<SdkMaker, 'make'>,
    private readonly payloads: PayloadStore,
    private readonly blobs: BlobStore,
    private readonly leases: LeaseKeeper,
    private readonly clock: Clock,
    private readonly owner: string,
  ) {}

  /** Takes the oldest SDK that waits; null means that there is nothing to do. */
  async claim(): Promise<Sdk | null> {
    return this.sdks.claim({ owner: this.owner, until: this.leases.until() }, this.clock.now());
  }

  /**
   * Makes a claimed SDK: it ends in SUCCESS with its zip in the BlobStore, or in ERROR with one sentence.
   * @throws Unavailable when it was stopped or a backend of ours does not answer: the lease ends and the work begins anew.
   */
  async run(sdk: Sdk, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    this.leases.hold(sdk, () => lost.abort());
    try {
      const archive = await this.make(sdk, AbortSignal.any([signal, lost.signal]));
      if (!(await this.finish(sdk, { archive }))) await this.payloads.discard(archive);
    } catch (error) {
      if (lost.signal.aborted) return;
      if (!(error instanceof AppError) || error instanceof Unavailable) throw error;
      await this.finish(sdk, { error: error.message });
    } finally {
      this.leases.letGo(sdk);
    }
  }

  private async make(sdk: Sdk, signal: AbortSignal): Promise<Payload> {
    const { specTraceId, version, generator } = sdk;
    const spec = await this.specs.find(null, specTraceId);
    const client = spec && (await this.specs.findClient(specTraceId, version));
    if (!client) throw new Permanent('SDK_SPEC_GONE', 'The spec was removed before its SDK was made.');
    const { stream: yaml } = await this.payloads.open(client.yaml);
    // Apart for each attempt, so that a late one changes nothing.
    const blob = `sdks/${specTraceId}/${version}/${generator}/${sdk.attempt}.zip`;
    const wanted = { yaml, generator, folder: sdkName(spec, generator) };
    return { blob, bytes: await this.maker.make(wanted, (zip) => this.blobs.put(blob, zip), signal) };
  }

  private async finish(sdk: Sdk, outcome: SdkOutcome): Promise<boolean> {
    return this.sdks.finish(sdk, outcome, this.clock.now());
  }
}
