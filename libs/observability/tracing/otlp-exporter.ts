import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { Agent, request } from 'undici';
import { messageOf } from '#core';
import type { Clock } from '#core';
import { redactUrl } from '../mask/redact-url.js';

export interface OtlpExporterOptions {
  /** OTEL_EXPORTER_OTLP_ENDPOINT; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly headers: Readonly<Record<string, string>>;
  /** For one batch, further attempts included, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told in one sentence, at most once a minute, that spans were lost, and why. */
  readonly onFault: (sentence: string) => void;
}

const FORMATS = {
  'http/protobuf': { serializer: ProtobufTraceSerializer, contentType: 'application/x-protobuf' },
  'http/json': { serializer: JsonTraceSerializer, contentType: 'application/json' },
};
/** https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const REPORT_EVERY_MS = 60_000;

/** An attempt that failed, and whether another one may do better. */
class Refused extends Error {
  constructor(
    message: string,
    readonly mayPass: boolean,
    readonly afterMs = 0,
  ) {
    super(message);
  }
}

/**
 * Sends spans by OTLP over HTTP. In place of the official exporters, which read the environment by themselves and
 * whose attempts nothing can break off when the process is to end; the encoding is theirs.
 */
export class OtlpExporter implements SpanExporter {
  private readonly url: string;
  private readonly agent = new Agent();
  private readonly underWay = new Set<Promise<void>>();
  private readonly abort = new AbortController();
  /** The pauses before further attempts. */
  private readonly pauses = new Set<AbortController>();
  private ending = false;
  private lost = 0;
  private reportedAt: number | undefined;

  /** @param onTaken told how many spans each batch has taken */
  constructor(
    private readonly options: OtlpExporterOptions,
    private readonly onTaken: (spans: number) => void = () => undefined,
  ) {
    const url = new URL(options.endpoint);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
    this.url = url.href;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.onTaken(spans.length);
    const sending = this.deliver(spans)
      .then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: unknown) => {
          this.report(error, spans.length);
          done({ code: ExportResultCode.FAILED });
        },
      )
      .finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  /** From now on nothing waits for a further attempt: what has failed gets its last one at once. */
  hurry(): void {
    this.ending = true;
    for (const pause of this.pauses) pause.abort();
  }

  /** Breaks off what is under way. */
  giveUp(): void {
    this.abort.abort(new Error('the process ends'));
  }

  /** Resolves when nothing is under way, and closes the connections. */
  async shutdown(): Promise<void> {
    await Promise.all(this.underWay);
    await this.agent.destroy();
  }

  /** Tells of spans that were lost, now or with the next ones. */
  report(error: unknown, spans: number): void {
    this.lost += spans;
    const now = this.options.clock.now();
    const since = now - (this.reportedAt ?? -Infinity);
    if (since >= 0 && since < REPORT_EVERY_MS) return;
    const address = redactUrl(this.options.endpoint);
    this.options.onFault(`Traces could not be sent to ${address}: ${messageOf(error)} (${this.lost} spans lost)`);
    this.reportedAt = now;
    this.lost = 0;
  }

  /** The bytes are made here and now, since the caller goes on with its list. */
  private async deliver(spans: ReadableSpan[]): Promise<void> {
    const { clock, timeoutMs } = this.options;
    const body = FORMATS[this.options.protocol].serializer.serializeRequest(spans);
    if (!body) return;
    const over = new AbortController();
    const onAbort = () => over.abort(this.abort.signal.reason);
    this.abort.signal.addEventListener('abort', onAbort);
    if (this.abort.signal.aborted) onAbort();
    const sleeping = new AbortController();
    void clock.sleep(timeoutMs, sleeping.signal).then(() => over.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      await this.persist(body, over.signal);
    } finally {
      sleeping.abort();
      this.abort.signal.removeEventListener('abort', onAbort);
    }
  }

  private async persist(body: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.send(body, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (this.ending || (error instanceof Refused && !error.mayPass)) throw error;
        const afterMs = error instanceof Refused ? error.afterMs : 0;
        await this.pause(Math.max(pauseMs, afterMs), signal);
        // The reason for the failure tells more than that the time is over.
        if (signal.aborted) throw error;
      }
    }
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    const pause = new AbortController();
    const onAbort = () => pause.abort();
    signal.addEventListener('abort', onAbort);
    this.pauses.add(pause);
    await this.options.clock.sleep(ms, pause.signal);
    this.pauses.delete(pause);
    signal.removeEventListener('abort', onAbort);
  }

  private async send(body: Uint8Array, signal: AbortSignal): Promise<void> {
    const { headers, protocol } = this.options;
    const answer = await request(this.url, {
      ...{ method: 'POST', dispatcher: this.agent, signal, body },
      headers: { ...headers, 'content-type': FORMATS[protocol].contentType },
    });
    // Read to its end, so that the connection can be used again.
    await answer.body.dump();
    const { statusCode: status } = answer;
    if (status < 300) return;
    const after = /^\d{1,6}$/.exec(String(answer.headers['retry-after'] ?? ''))?.[0];
    throw new Refused(`it answered ${status}`, RETRYABLE.has(status), Number(after ?? 0) * 1_000);
  }
}
