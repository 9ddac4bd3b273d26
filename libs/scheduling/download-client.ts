import type { Readable } from 'node:stream';
import { clientFolder, clientName, clientZip } from '#client-runtime';
import { NotFound } from '#core';
import type { Spec } from '#core';
import type { ClientSource } from './client-source.js';
import type { PayloadStore } from './payload-store.js';

/** GET /v1/api/spec/{trace_id}/client: the Client that serves, as a package. */
export class DownloadClient {
  constructor(
    private readonly clients: ClientSource,
    private readonly payloads: PayloadStore,
  ) {}

  /**
   * @returns the zip's bytes, which are made as they are read, and its file name.
   * @throws NotFound when the Spec has no Client yet.
   */
  async execute(spec: Spec): Promise<{ name: string; zip: Readable }> {
    const version = servingVersion(spec);
    const client = await this.clients.client(spec.traceId, version);
    const files = await clientFolder({
      spec: { ...spec, version },
      table: await this.clients.table(spec.traceId, version),
      yaml: (await this.payloads.read(client.yaml)).toString(),
      types: (await this.payloads.read(client.types)).toString(),
      now: spec.updatedAt,
    });
    return { name: `${clientName(spec)}.zip`, zip: clientZip(files, spec) };
  }
}

/**
 * The version whose Client serves.
 * @throws NotFound when there is none.
 */
export function servingVersion(spec: Spec): number {
  if (spec.servingVersion !== null) return spec.servingVersion;
  throw new NotFound(
    'CLIENT_NOT_READY',
    `Expected a spec that has a client, got ${spec.traceId}, whose status is ${spec.status}.`,
  );
}
