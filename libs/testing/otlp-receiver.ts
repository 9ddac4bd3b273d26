import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { eventually } from './eventually.js';

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, with OTEL_EXPORTER_OTLP_PROTOCOL `http/json`. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** Of all requests so far. */
  readonly requests: readonly { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[];
  /** Answers a request in place of taking it, or does not. */
  answer: ((response: ServerResponse) => void) | null;
  /** Resolves with the spans of a trace once `isWhole` says so of them. */
  trace(traceId: string, isWhole: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
}

const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const ERROR = 2;
const DEADLINE_MS = 15_000;

/** What of OTLP's JSON is read here: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Wired[] }[];
  }[];
}
interface Wired extends Partial<Pick<ReceivedSpan, 'parentSpanId' | 'traceState'>> {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code?: number };
}

/** Starts what takes traces by OTLP over HTTP, a real server on the loopback interface; it reads JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: { url: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      requests.push({ url: request.url ?? '', headers: request.headers, body });
      if (receiver.answer) {
        receiver.answer(response);
        return;
      }
      if (request.headers['content-type'] === 'application/json') spans.push(...spansOf(body.toString()));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans, requests, answer: null },
    async trace(traceId, isWhole) {
      const ofIt = () => spans.filter((span) => span.traceId === traceId);
      await eventually(`the whole trace ${traceId}`, () => isWhole(ofIt()), DEADLINE_MS);
      return ofIt();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

function spansOf(text: string): ReceivedSpan[] {
  return (JSON.parse(text) as Export).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => receivedOf(span, resource.attributes))),
  );
}

function receivedOf(span: Wired, resource: readonly Attribute[]): ReceivedSpan {
  const { traceId, spanId, parentSpanId = '', traceState = '', name } = span;
  return {
    ...{ traceId, spanId, parentSpanId, traceState, name },
    kind: KINDS[span.kind] ?? 'internal',
    attributes: recordOf(span.attributes),
    resource: recordOf(resource),
    isError: span.status?.code === ERROR,
  };
}

function recordOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
