import type { Clock, Sdk, Worker } from '#core';

/** What an SdkWorker drives. */
interface SdkVerb {
  claim(): Promise<Sdk | null>;
  run(sdk: Sdk, signal: AbortSignal): Promise<void>;
}

export interface SdkWorkerOptions {
  readonly clock: Clock;
  /** How long it rests when nobody tells it to look, in milliseconds. */
  readonly everyMs: number;
  /** Told of what could not be looked for or made; it is taken up again later. */
  readonly onFault: (traceId: string, error: unknown) => void;
}

/**
 * Makes SDKs, one at a time beside all other work of a worker. A look is a claim of the oldest there is, whatever a
 * message named: so what others left behind needs no message of its own.
 */
export class SdkWorker implements Worker {
  readonly name = 'sdks';
  private isNudged = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly verb: SdkVerb,
    private readonly options: SdkWorkerOptions,
  ) {}

  /** Has it look soon; never waits. */
  nudge(): void {
    this.isNudged = true;
    this.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.isNudged = false;
      await this.makeAll(signal);
      await this.rest(signal);
    }
  }

  private async makeAll(signal: AbortSignal): Promise<void> {
    let traceId = '';
    try {
      while (!signal.aborted) {
        const sdk = await this.verb.claim();
        if (sdk === null) return;
        traceId = sdk.specTraceId;
        await this.verb.run(sdk, signal);
      }
    } catch (error) {
      // What is stopped begins anew elsewhere.
      if (!signal.aborted) this.options.onFault(traceId, error);
    }
  }

  private async rest(signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const wake = () => awake.abort();
    this.wake = wake;
    if (this.isNudged || signal.aborted) return;
    // Not by AbortSignal.any: each would leave something on the signal, which lives as long as the worker.
    signal.addEventListener('abort', wake, { once: true });
    await this.options.clock.sleep(this.options.everyMs, awake.signal);
    signal.removeEventListener('abort', wake);
  }
}
