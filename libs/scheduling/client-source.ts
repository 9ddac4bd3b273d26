import { LRUCache } from 'lru-cache';
import { Unavailable } from '#core';
import type { Client, ClientSummary, OperationTable, Server, Spec, SpecStore } from '#core';
import { summarise } from '#openapi';
import type { PayloadStore } from './payload-store.js';

/** Tables kept in memory: a few hundred megabytes of documents at most, counted by their text. */
const MAX_TABLE_BYTES = 32 * 1024 * 1024;

/** Gives the operation table of a Spec's version, from memory where it can: a version never changes. */
export class ClientSource {
  private readonly tables = new LRUCache<string, OperationTable, { specTraceId: string; version: number }>({
    maxSize: MAX_TABLE_BYTES,
    maxEntrySize: MAX_TABLE_BYTES,
    fetchMethod: async (_key, _stale, { options, context }) => {
      const client = await this.client(context.specTraceId, context.version);
      options.size = Math.max(1, client.table.bytes);
      return JSON.parse((await this.payloads.read(client.table)).toString()) as OperationTable;
    },
  });

  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
  ) {}

  /** @throws Unavailable when the version has no Client. */
  async table(specTraceId: string, version: number): Promise<OperationTable> {
    const key = `${specTraceId} ${version}`;
    return this.tables.get(key) ?? this.tables.forceFetch(key, { context: { specTraceId, version } });
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
