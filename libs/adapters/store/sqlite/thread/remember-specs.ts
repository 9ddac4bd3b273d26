import { LRUCache } from 'lru-cache';
import type { Spec, SpecStore } from '#core';
import { STORE_METHODS } from './store-methods.js';

/** How many Specs are remembered at most, and how many bytes of their documents. */
const MOST_SPECS = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** What a Spec takes beside its document, roughly. */
const SPEC_BYTES = 4 * 1024;

/** What changes nothing that a Spec shows. All else forgets. */
const HARMLESS = new Set<string>([
  'find',
  'findByName',
  'list',
  'due',
  'renew',
  'versions',
  'findVersion',
  'countDrift',
  'drifts',
  'saveClient',
  'findClient',
]);

/**
 * A store of Specs that remembers those it has read, as each call asks for one twice. It must be the only way to its
 * database: whatever may change a Spec forgets all of them, before it is asked for and once it has been answered, and
 * what was read meanwhile is not remembered.
 */
export function rememberSpecs(store: SpecStore): SpecStore {
  const memory = new SpecMemory(store);
  const entries = STORE_METHODS.specs.map((method) => {
    const ask = store[method].bind(store) as (...args: never[]) => Promise<unknown>;
    return [method, HARMLESS.has(method) ? ask : memory.forgetAround(ask)] as const;
  });
  return Object.assign(Object.fromEntries(entries) as unknown as SpecStore, {
    find: (project: string | null, traceId: string) => memory.find(project, traceId),
    findByName: (project: string, name: string) => memory.findByName(project, name),
  });
}

class SpecMemory {
  private readonly specs = new LRUCache<string, Spec>({
    max: MOST_SPECS,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ document }) => SPEC_BYTES + ('inline' in document ? document.bytes : 0),
  });
  /** The trace ids of those that are remembered, by project and name. */
  private readonly names = new Map<string, string>();
  /** Rises with each change. */
  private changes = 0;

  constructor(private readonly store: SpecStore) {}

  async find(project: string | null, traceId: string): Promise<Spec | null> {
    const known = this.specs.get(traceId);
    // One of another project costs what none costs: whoever asks must not learn from the time that it is there.
    const isTheirs = known !== undefined && (project === null || known.project === project);
    return isTheirs ? known : this.read(() => this.store.find(project, traceId));
  }

  async findByName(project: string, name: string): Promise<Spec | null> {
    const traceId = this.names.get(nameKey(project, name));
    const known = traceId === undefined ? undefined : this.specs.get(traceId);
    return known ?? this.read(() => this.store.findByName(project, name));
  }

  forgetAround<Args extends unknown[]>(ask: (...args: Args) => Promise<unknown>) {
    return async (...args: Args): Promise<unknown> => {
      this.forget();
      try {
        return await ask(...args);
      } finally {
        this.forget();
      }
    };
  }

  private async read(ask: () => Promise<Spec | null>): Promise<Spec | null> {
    const { changes } = this;
    const spec = await ask();
    if (spec && changes === this.changes) {
      this.specs.set(spec.traceId, spec);
      this.names.set(nameKey(spec.project, spec.name), spec.traceId);
    }
    return spec;
  }

  private forget(): void {
    this.changes += 1;
    this.specs.clear();
    this.names.clear();
  }
}

function nameKey(project: string, name: string): string {
  return JSON.stringify([project, name]);
}
