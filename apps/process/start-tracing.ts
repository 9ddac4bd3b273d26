import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Config } from '#config';
import type { Clock } from '#core';
import { openTracing } from '#observability';
import type { Tracing } from '#observability';

const { version } = createRequire(import.meta.url)('#package') as { readonly version: string };

/** Begins to trace if OTEL_EXPORTER_OTLP_ENDPOINT says where to send traces; undefined if it does not. */
export async function startTracing(
  config: Config,
  clock: Clock,
  onFault: (sentence: string) => void,
): Promise<Tracing | undefined> {
  const { otelExporterOtlpEndpoint: endpoint } = config;
  if (endpoint === undefined) return undefined;
  return openTracing({
    endpoint,
    protocol: config.otelExporterOtlpProtocol,
    headers: recordOf(config.otelExporterOtlpHeaders),
    timeoutMs: config.otelExporterOtlpTimeout,
    sampler: config.otelTracesSampler,
    ratio: Number(config.otelTracesSamplerArg),
    serviceName: config.otelServiceName,
    resource: recordOf(config.otelResourceAttributes),
    version,
    instanceId: randomUUID(),
    clock,
    onFault,
  });
}

function recordOf(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
