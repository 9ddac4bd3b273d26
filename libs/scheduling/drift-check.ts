import { driftOf, findOperation } from '#client-runtime';
import type { Payload, ProcessDrift, Response, SchedulerProcess } from '#core';
import type { ClientSource } from './client-source.js';
import type { PayloadStore } from './payload-store.js';

/** Larger answers are judged by their status, media type and headers alone: 1 MiB. */
const LARGEST_BODY = 1024 * 1024;

/** Compares answers with what the document says of them. */
export class DriftCheck {
  constructor(
    private readonly clients: ClientSource,
    private readonly payloads: PayloadStore,
  ) {}

  /**
   * @param version the Spec's version that was called.
   * @returns where the answer differs, or undefined when it does not.
   */
  async of(
    process: SchedulerProcess,
    specTraceId: string,
    version: number,
    { status, headers, body }: Response,
  ): Promise<ProcessDrift | undefined> {
    const table = await this.clients.table(specTraceId, version);
    const operation = findOperation(table, process.method, process.endpoint);
    const schemas = await this.clients.schemas(specTraceId, version);
    const faults = driftOf(operation, schemas, { status, headers, body: await this.bytesOf(body) });
    if (faults.length === 0) return undefined;
    return { specTraceId, method: operation.method, path: operation.path, faults };
  }

  private async bytesOf(body: Payload): Promise<Buffer | undefined> {
    if ('inline' in body) return body.inline;
    return body.bytes > LARGEST_BODY ? undefined : this.payloads.read(body);
  }
}
