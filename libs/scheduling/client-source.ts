import { LRUCache } from 'lru-cache';
import { Unavailable } from '#core';
import type { Client, ClientSummary, OperationTable, SchemaTable, Server, Spec, SpecStore } from '#core';
import { summarise } from '#openapi';
import type { PayloadStore } from './payload-store.js';

/** Kept in memory of each kind: a few hundred megabytes of documents at most, counted by their text. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/** Gives the operation table and the schemas of a Spec's version, from memory where it can: a version never changes. */
export class ClientSource {
  private readonly tables = this.kept<OperationTable>('table');
  private readonly schemaTables = this.kept<SchemaTable>('schemas');

  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
  ) {}

  /** @throws Unavailable when the version has no Client. */
  async table(specTraceId: string, version: number): Promise<OperationTable> {
    return fetched(this.tables, specTraceId, version);
  }

  /** The same object each time while it is in memory: checks are made once of each. @throws as `table`. */
  async schemas(specTraceId: string, version: number): Promise<SchemaTable> {
    return fetched(this.schemaTables, specTraceId, version);
  }

  private kept<T extends object>(part: 'table' | 'schemas'): VersionCache<T> {
    return new LRUCache({
      maxSize: MAX_TEXT_BYTES,
      maxEntrySize: MAX_TEXT_BYTES,
      fetchMethod: async (_key, _stale, { options, context }) => {
        const payload = (await this.client(context.specTraceId, context.version))[part];
        options.size = Math.max(1, payload.bytes);
        return JSON.parse((await this.payloads.read(payload)).toString()) as T;
      },
    });
  }

  /**
   * What REST shows of a Spec's Client; null when there is none. The Spec's own `url` goes before the servers.
   * @param version unless said the one that serves, else the one in the making.
   */
  async summary(spec: Spec, version: number = spec.servingVersion ?? spec.version): Promise<ClientSummary | null> {
    const client = await this.specs.findClient(spec.traceId, version);
    if (!client) return null;
    const summary = JSON.parse((await this.payloads.read(client.summary)).toString()) as ClientSummary;
    const { servers, url } = spec.serverVariables ? await this.serversOf(spec, version, spec.serverVariables) : summary;
    return { ...summary, servers, url: spec.url ?? url };
  }

  /** The servers as this Spec calls them: its own values go before the document's defaults. */
  private async serversOf(spec: Spec, version: number, values: Readonly<Record<string, string>>) {
    const table = await this.table(spec.traceId, version);
    const servers = table.servers.map((server) => {
      const known = Object.entries(server.variables ?? {});
      const variables = known.map(([name, variable]) => [
        name,
        { ...variable, default: values[name] ?? variable.default },
      ]);
      return { ...server, variables: Object.fromEntries(variables) as Server['variables'] };
    });
    return summarise({ ...table, servers, operations: [] });
  }

  /** @throws Unavailable when the version has no Client. */
  async client(specTraceId: string, version: number): Promise<Client> {
    const client = await this.specs.findClient(specTraceId, version);
    if (client) return client;
    throw new Unavailable(
      'CLIENT_MISSING',
      `Expected a client of version ${version} of spec ${specTraceId}, found none.`,
    );
  }
}

type VersionCache<T extends object> = LRUCache<string, T, { specTraceId: string; version: number }>;

async function fetched<T extends object>(cache: VersionCache<T>, specTraceId: string, version: number): Promise<T> {
  const key = `${specTraceId} ${version}`;
  return cache.get(key) ?? cache.forceFetch(key, { context: { specTraceId, version } });
}
