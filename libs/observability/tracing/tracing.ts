import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Tracer } from '#core';
import { BoundedQueue } from './bounded-queue.js';
import { OtelTracer } from './otel-tracer.js';
import { OtlpExporter } from './otlp-exporter.js';
import type { OtlpExporterOptions } from './otlp-exporter.js';

/** OTEL_TRACES_SAMPLER. */
type SamplerName = `${'' | 'parentbased_'}${'always_on' | 'always_off'}` | `${'' | 'parentbased_'}traceidratio`;

export interface TracingOptions extends OtlpExporterOptions {
  readonly sampler: SamplerName;
  /** The share of traces that `traceidratio` chooses, from 0 to 1. */
  readonly ratio: number;
  /** `service.name` of all spans; unset: that of each tracer. */
  readonly serviceName: string | undefined;
  /** Further attributes of the resource. */
  readonly resource: Readonly<Record<string, string>>;
  /** `service.version`. */
  readonly version: string;
  /** `service.instance.id`: unique to this process. */
  readonly instanceId: string;
}

/** How many ended spans wait to be sent; further ones are left out. */
const MAX_WAITING = 4_096;
const BATCH = 512;
/** How long a span waits for others to be sent with it, in milliseconds. */
const DELAY_MS = 1_000;
const LONGEST_VALUE = 4_096;

/** The traces of one process: spans are gathered in memory and sent in batches, beside all work. */
export class Tracing {
  private readonly exporter: OtlpExporter;
  private readonly processor: BoundedQueue;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: TracingOptions) {
    this.exporter = new OtlpExporter(options, (spans) => this.processor.taken(spans));
    const batches = new BatchSpanProcessor({
      exporter: this.exporter,
      maxQueueSize: MAX_WAITING,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: DELAY_MS,
      // The exporter keeps to its own time; this one is only for the worst.
      exportTimeoutMillis: options.timeoutMs + 1_000,
    });
    this.processor = new BoundedQueue(batches, MAX_WAITING, () => this.exporter.report('too many spans wait', 1));
  }

  /** @param service e.g. `api.callboard`: the `service.name` unless OTEL_SERVICE_NAME says otherwise */
  tracer(service: string): Tracer {
    const { serviceName = service, resource, version, instanceId, sampler, ratio } = this.options;
    const provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.version': version,
        'service.instance.id': instanceId,
        ...resource,
        'service.name': serviceName,
      }),
      sampler: samplerOf(sampler, ratio),
      spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
      spanProcessors: [this.processor],
    });
    return new OtelTracer(provider.getTracer('callboard', version));
  }

  /**
   * Sends what has been gathered, within `graceMs` and without a second attempt; what cannot be sent by then is lost.
   * Never rejects; safe to call twice.
   */
  close(graceMs: number): Promise<void> {
    return (this.closing ??= this.end(graceMs));
  }

  private async end(graceMs: number): Promise<void> {
    const { clock } = this.options;
    const ended = new AbortController();
    this.exporter.hurry();
    void clock.sleep(graceMs, ended.signal).then(() => {
      if (!ended.signal.aborted) this.exporter.giveUp();
    });
    // It rejects for what the exporter has reported already.
    await this.processor.shutdown().catch(() => undefined);
    await this.exporter.shutdown();
    ended.abort();
  }
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  if (name.startsWith('parentbased_')) {
    return new ParentBasedSampler({ root: samplerOf(name.slice('parentbased_'.length) as SamplerName, ratio) });
  }
  if (name === 'always_off') return new AlwaysOffSampler();
  return name === 'always_on' ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio);
}
