import { findOperation } from '#client-runtime';
import { Conflict } from '#core';
import type { AskedOperation, OperationTable, ProcessStore, Spec, SpecStore } from '#core';
import { diffSpecs } from '#openapi';
import type { Change, DocumentTables } from '#openapi';
import type { ClientSource } from './client-source.js';
import type { SpecHistory } from './spec-history.js';

/** One difference, and how many processes that have not ended ask for what it is about. */
export interface TouchingChange extends Change {
  readonly waiting: number;
}

export interface VersionDiff {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly TouchingChange[];
  /** How many processes of the Spec have not ended. */
  readonly waiting: number;
}

/** GET /v1/api/spec/{trace_id}/diff: what one version of a document changes against another. */
export class DiffVersions {
  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly history: SpecHistory,
    private readonly clients: ClientSource,
  ) {}

  /**
   * @param from unless said the version that serves, or the one before `to` where that is `to`.
   * @param to unless said the newest.
   * @throws NotFound when the Spec has no such version; Conflict when one of them has no Client to compare.
   */
  async execute(spec: Spec, from?: number, to: number = spec.version): Promise<VersionDiff> {
    const base = from ?? (spec.servingVersion === null || spec.servingVersion >= to ? to - 1 : spec.servingVersion);
    const [former, latter] = [await this.tables(spec, Math.max(1, base)), await this.tables(spec, to)];
    const asked = await this.processes.unended(spec.traceId);
    const waiting = countBy(asked, [former.table, latter.table]);
    const all = asked.reduce((sum, { count }) => sum + count, 0);
    const changes = diffSpecs(former, latter).map((change) => {
      const { method, path } = change;
      return { ...change, waiting: method === undefined ? all : (waiting.get(`${method} ${path ?? ''}`) ?? 0) };
    });
    return { from: Math.max(1, base), to, changes, waiting: all };
  }

  private async tables(spec: Spec, number: number): Promise<DocumentTables> {
    const version = await this.history.version(spec, number);
    if (!(await this.specs.findClient(spec.traceId, number))) {
      throw new Conflict(
        'VERSION_NOT_COMPARABLE',
        `Expected a version with a client to compare, got version ${number}, whose status is ${version.status}.`,
      );
    }
    const table = await this.clients.table(spec.traceId, number);
    return { table, schemas: await this.clients.schemas(spec.traceId, number) };
  }
}

/** How many ask for each operation, by method and path as the first table that knows it declares them. */
function countBy(asked: readonly AskedOperation[], tables: readonly OperationTable[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { method, endpoint, count } of asked) {
    const operation = tables.map((table) => known(table, method, endpoint)).find((found) => found !== null);
    if (!operation) continue;
    const key = `${operation.method} ${operation.path}`;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

function known(table: OperationTable, method: string, endpoint: string) {
  try {
    return findOperation(table, method, endpoint);
  } catch {
    // It asks for what this version does not have.
    return null;
  }
}
