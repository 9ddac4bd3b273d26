import type { Operation, OperationDrift, Spec, SpecStore } from '#core';
import type { ClientSource } from './client-source.js';
import { servingVersion } from './download-client.js';

export interface OperationQuery {
  /** Words, in any case, that all must stand in the method, path, operationId, summary or tags. */
  readonly search?: string | undefined;
  /** In any case. */
  readonly method?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface FoundOperation {
  readonly operation: Operation;
  readonly drift: OperationDrift | null;
}

/** GET /v1/api/spec/{trace_id}/operations: what a Spec's Client can call. */
export class FindOperations {
  constructor(
    private readonly specs: SpecStore,
    private readonly clients: ClientSource,
  ) {}

  /**
   * A page of the operations that are found, those with the words in their name, path or method first, else in the
   * document's order; and how many there are in all.
   * @throws NotFound when the Spec has no Client yet.
   */
  async execute(spec: Spec, query: OperationQuery): Promise<{ results: FoundOperation[]; total: number }> {
    const version = servingVersion(spec);
    const { operations } = await this.clients.table(spec.traceId, version);
    const found = rank(operations, query);
    const drifts = new Map(
      (await this.specs.drifts(spec.traceId, version)).map((drift) => [`${drift.method} ${drift.path}`, drift]),
    );
    const page = found.slice(query.offset, query.offset + query.limit);
    const results = page.map((operation) => {
      return { operation, drift: drifts.get(`${operation.method} ${operation.path}`) ?? null };
    });
    return { results, total: found.length };
  }
}

function rank(operations: readonly Operation[], { search = '', method }: OperationQuery): readonly Operation[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = method?.toUpperCase();
  const ranked: Operation[][] = [[], [], []];
  for (const operation of operations) {
    if (wanted !== undefined && operation.method.toUpperCase() !== wanted) continue;
    ranked[rankOf(operation, words)]?.push(operation);
  }
  return ranked.flat();
}

/** 0: the words are its name; 1: they stand in its name, path or method; 2: in its summary or tags too; 3: not found. */
function rankOf(
  { method, path, operationId = '', summary = '', tags = [] }: Operation,
  words: readonly string[],
): number {
  if (words.length === 0 || words.join(' ') === operationId.toLowerCase()) return 0;
  const name = `${method} ${path} ${operationId}`.toLowerCase();
  if (words.every((word) => name.includes(word))) return 1;
  const all = `${name} ${summary} ${tags.join(' ')}`.toLowerCase();
  return words.every((word) => all.includes(word)) ? 2 : 3;
}
