import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '#adapters';
import type { Tracer } from '#core';
import { eventually, FakeClock, Gate, startOtlpReceiver } from '#testing';
import type { OtlpReceiver } from '#testing';
import { openTracing } from './open-tracing.js';
import type { Tracing, TracingOptions } from './tracing.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const FAR_MS = 60_000;

let receiver: OtlpReceiver;
let faults: string[];
let open: Tracing[];

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  faults = [];
  open = [];
});
afterEach(async () => {
  for (const tracing of open) await tracing.close(0);
  await receiver.close();
});

async function opened(changes: Partial<TracingOptions> = {}): Promise<Tracing> {
  const tracing = await openTracing({
    endpoint: receiver.endpoint,
    protocol: 'http/json',
    headers: {},
    timeoutMs: 10_000,
    clock: new SystemClock(),
    onFault: (sentence) => faults.push(sentence),
    sampler: 'parentbased_always_on',
    ratio: 1,
    serviceName: undefined,
    resource: {},
    version: '1.2.3',
    instanceId: 'one',
    ...changes,
  });
  open.push(tracing);
  return tracing;
}

function begin(tracer: Tracer, traceparent?: string, tracestate?: string) {
  const parent = traceparent === undefined ? undefined : { traceparent, ...(tracestate && { tracestate }) };
  return tracer.start('work', { kind: 'internal', parent, attributes: { a: 1, none: undefined } });
}

describe('a span', () => {
  test('goes on in the trace of its parent, tracestate and flags included', async () => {
    const tracing = await opened();
    const tracer = tracing.tracer('api.callboard');
    const span = begin(tracer, `00-${TRACE}-${PARENT}-03`, 'a=1,b=2');
    expect(span.context).toEqual({
      traceparent: expect.stringMatching(`^00-${TRACE}-[\\da-f]{16}-03$`),
      tracestate: 'a=1,b=2',
    });
    span.set({ b: true });
    span.end('timeout');
    await tracing.close(FAR_MS);
    expect(receiver.spans).toEqual([
      {
        traceId: TRACE,
        spanId: span.context.traceparent.slice(36, 52),
        parentSpanId: PARENT,
        traceState: 'a=1,b=2',
        name: 'work',
        kind: 'internal',
        attributes: { a: 1, b: true, 'error.type': 'timeout' },
        resource: { 'service.name': 'api.callboard', 'service.version': '1.2.3', 'service.instance.id': 'one' },
        isError: true,
      },
    ]);
  });

  test('without a parent begins a trace', async () => {
    const tracing = await opened();
    begin(tracing.tracer('worker.callboard')).end();
    await tracing.close(FAR_MS);
    expect(receiver.spans).toMatchObject([{ parentSpanId: '', isError: false }]);
  });

  test('names the service and what else the resource is told to', async () => {
    const tracing = await opened({ serviceName: 'mine', resource: { 'deployment.environment.name': 'test' } });
    begin(tracing.tracer('api.callboard')).end();
    await tracing.close(FAR_MS);
    expect(receiver.spans[0]?.resource).toMatchObject({
      'service.name': 'mine',
      'deployment.environment.name': 'test',
    });
  });
});

describe('the sampler', () => {
  test.each([
    ['parentbased_always_on', 1, '01', true],
    ['parentbased_always_on', 1, '00', false],
    ['parentbased_always_off', 1, '01', true],
    ['parentbased_always_off', 1, undefined, false],
    ['parentbased_traceidratio', 0, undefined, false],
    ['parentbased_traceidratio', 0, '01', true],
    ['traceidratio', 0, '01', false],
    ['traceidratio', 1, '00', true],
    ['always_on', 1, '00', true],
    ['always_off', 1, '01', false],
  ] as const)('%s at %d with a parent of flags %s samples: %s', async (sampler, ratio, flags, isSampled) => {
    const tracing = await opened({ sampler, ratio });
    const span = begin(tracing.tracer('x'), flags && `00-${TRACE}-${PARENT}-${flags}`);
    expect(span.context.traceparent.slice(-2)).toBe(isSampled ? '01' : '00');
    span.end();
    await tracing.close(FAR_MS);
    expect(receiver.spans).toHaveLength(isSampled ? 1 : 0);
  });
});

describe('sending', () => {
  test.each([
    ['http/json', 'application/json'],
    ['http/protobuf', 'application/x-protobuf'],
  ] as const)('%s goes to /v1/traces below the endpoint, with the headers', async (protocol, type) => {
    const endpoint = `${receiver.endpoint}/below/`;
    const tracing = await opened({ endpoint, protocol, headers: { 'api-key': 's3cr3t' } });
    begin(tracing.tracer('x'), `00-${TRACE}-${PARENT}-01`).end();
    await tracing.close(FAR_MS);
    expect(receiver.requests).toMatchObject([
      { url: '/below/v1/traces', headers: { 'content-type': type, 'api-key': 's3cr3t' } },
    ]);
    const sent = receiver.requests[0]?.body ?? Buffer.alloc(0);
    expect(sent.includes(protocol === 'http/json' ? TRACE : Buffer.from(TRACE, 'hex'))).toBe(true);
  });

  test('reads nothing from the environment', async () => {
    /* eslint-disable no-restricted-properties -- What is set there must not matter. */
    const before = process.env;
    process.env = {
      ...before,
      OTEL_EXPORTER_OTLP_HEADERS: 'stray=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'stray=1',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/',
      OTEL_RESOURCE_ATTRIBUTES: 'stray=1',
      OTEL_SERVICE_NAME: 'stray',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_SDK_DISABLED: 'true',
      OTEL_BSP_MAX_QUEUE_SIZE: '0',
    };
    try {
      const tracing = await opened();
      begin(tracing.tracer('x')).end();
      await tracing.close(FAR_MS);
    } finally {
      process.env = before;
      /* eslint-enable no-restricted-properties */
    }
    expect(receiver.spans).toHaveLength(1);
    expect(JSON.stringify([receiver.spans, receiver.requests[0]?.headers])).not.toContain('stray');
  });

  test('happens by itself soon after a span has ended', async () => {
    const tracing = await opened();
    begin(tracing.tracer('x')).end();
    await eventually('the span to arrive', () => receiver.spans.length === 1);
  });

  test('is tried again where the receiver says that it may help, not where it refuses', async () => {
    const clock = new FakeClock();
    const tracing = await opened({ clock });
    receiver.answer = (response) => response.writeHead(503).end();
    begin(tracing.tracer('x')).end();
    await eventually('the first attempt', () => receiver.requests.length === 1);
    await eventually('the pause', () => clock.sleeping === 2);
    receiver.answer = null;
    await clock.advance(500);
    await eventually('the span to arrive', () => receiver.spans.length === 1);
    expect(faults).toEqual([]);

    receiver.answer = (response) => response.writeHead(401).end();
    begin(tracing.tracer('x')).end();
    await eventually('the fault', () => faults.length === 1);
    expect(receiver.requests).toHaveLength(3);
  });

  test('tells of what was lost once a minute', async () => {
    const clock = new FakeClock();
    receiver.answer = (response) => response.writeHead(400).end();
    const tracing = await opened({ clock, endpoint: receiver.endpoint.replace('//', '//me:s3cr3t@') });
    const tracer = tracing.tracer('x');
    const lose = async () => {
      const before = receiver.requests.length;
      begin(tracer).end();
      await eventually('a request', () => receiver.requests.length > before);
    };
    await lose();
    await eventually('the first report', () => faults.length === 1);
    await lose();
    await clock.advance(60_000);
    await lose();
    await eventually('the second report', () => faults.length === 2);
    expect(faults).toEqual([
      `Traces could not be sent to ${receiver.endpoint}: it answered 400 (1 spans lost)`,
      `Traces could not be sent to ${receiver.endpoint}: it answered 400 (2 spans lost)`,
    ]);
  });
});

test('spans beyond those that may wait are left out, and told', async () => {
  const asked = new Gate();
  receiver.answer = () => asked.open();
  const clock = new FakeClock();
  const tracing = await opened({ clock });
  const tracer = tracing.tracer('x');
  for (let count = 0; count < 512; count++) begin(tracer).end();
  await asked.opened;
  for (let count = 0; count < 4_096; count++) begin(tracer).end();
  expect(faults).toEqual([]);
  begin(tracer).end();
  expect(faults).toEqual([expect.stringContaining('too many spans wait (1 spans lost)')]);
  const closing = tracing.close(1_000);
  await clock.advance(1_000);
  await closing;
});

describe('the end', () => {
  test('waits for nobody where there is no receiver', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const tracing = await opened({ endpoint: `http://127.0.0.1:${port}` });
    begin(tracing.tracer('x')).end();
    const begun = performance.now();
    await tracing.close(FAR_MS);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(faults).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  test('gives a receiver that says nothing its grace and no more', async () => {
    const clock = new FakeClock();
    const asked = new Gate();
    receiver.answer = () => asked.open();
    const tracing = await opened({ clock, timeoutMs: FAR_MS });
    begin(tracing.tracer('x')).end();
    const closing = tracing.close(1_000);
    await asked.opened;
    await clock.advance(1_000);
    await closing;
    expect(faults).toEqual([expect.stringContaining('the process ends (1 spans lost)')]);
  });

  test('makes the last attempt at once of what waits for a further one', async () => {
    const clock = new FakeClock();
    receiver.answer = (response) => response.writeHead(503).end();
    const tracing = await opened({ clock });
    begin(tracing.tracer('x')).end();
    await eventually('the pause', () => clock.sleeping === 2);
    receiver.answer = null;
    await tracing.close(1_000);
    expect([receiver.spans.length, faults]).toEqual([1, []]);
  });
});
