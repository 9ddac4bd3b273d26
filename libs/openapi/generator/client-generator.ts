import { Unavailable, type ClientSummary, type OperationTable, type SchemaTable } from '#core';
import { DEFAULT_LIMITS, type DocumentLimits } from '../limits.js';
import type { Warning } from '../warning.js';
import { GeneratorChild, NotBegun, type ChildOptions } from './generator-child.js';
import type { ClientTexts } from './protocol.js';

export interface GeneratorOptions {
  /** How many documents are worked on at once, each in a process of its own. Default 1, at least 1. */
  readonly slots?: number | undefined;
  /** Heap of one process in megabytes. Default 1024. */
  readonly heapMb?: number | undefined;
  /** How long one document may take, in milliseconds, the start of a process included. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** How long a process without work is kept, in milliseconds. Default 10,000. */
  readonly idleMs?: number | undefined;
  /** What a document may cost otherwise. */
  readonly limits?: Partial<DocumentLimits> | undefined;
}

export interface GenerateOptions {
  /** Aborting stops the work at once: the promise is rejected with Unavailable. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told the normalised document as soon as it stands, while the client is still in the making. The client is given out when
   * this has resolved; when it rejects, the work is stopped and rejected with its error.
   */
  readonly onYaml?: ((yaml: Buffer) => Promise<void>) | undefined;
}

/** What a document became: texts, which are made of bytes when they are first asked for, and what they say. */
export class GeneratedClient {
  /** The texts in UTF-8: `yaml` and `types` as below, `table`, `schemas` and `summary` as JSON. */
  readonly bytes: ClientTexts['bytes'];
  readonly warnings: readonly Warning[];

  constructor(texts: ClientTexts) {
    this.bytes = texts.bytes;
    this.warnings = texts.warnings;
  }

  /** The normalised document, OpenAPI 3.x as YAML. */
  get yaml(): string {
    return this.bytes.yaml.toString();
  }

  /** `types.ts`. */
  get types(): string {
    return this.bytes.types.toString();
  }

  get table(): OperationTable {
    return JSON.parse(this.bytes.table.toString()) as OperationTable;
  }

  get schemas(): SchemaTable {
    return JSON.parse(this.bytes.schemas.toString()) as SchemaTable;
  }

  get summary(): ClientSummary {
    return JSON.parse(this.bytes.summary.toString()) as ClientSummary;
  }
}

/**
 * Turns documents into clients, each in a child process with bounded memory and time, so that no document can stop,
 * slow or crash the service. Processes are started when there is work, kept warm for a while and ended when idle.
 */
export class ClientGenerator {
  private readonly slots: number;
  private readonly idleMs: number;
  private readonly child: ChildOptions;
  private readonly idle = new Map<GeneratorChild, NodeJS.Timeout>();
  private readonly busy = new Set<GeneratorChild>();
  private readonly waiting: ((hasSlot: boolean) => void)[] = [];
  private slotsTaken = 0;
  private isClosed = false;

  constructor({ slots = 1, heapMb = 1024, timeoutMs = 60_000, idleMs = 10_000, limits }: GeneratorOptions = {}) {
    this.slots = Math.max(1, slots);
    this.idleMs = idleMs;
    this.child = { heapMb, timeoutMs, limits: { ...DEFAULT_LIMITS, ...limits } };
  }

  /**
   * Turns a document into a client, when a slot is free.
   * @throws DocumentRefused with one sentence and the repairs made so far when it is the document's fault: not OpenAPI, too large, too slow.
   * @throws Unavailable when the work was stopped or no process could be started.
   */
  async generate(document: Uint8Array, options: GenerateOptions = {}): Promise<GeneratedClient> {
    const { signal } = options;
    if (!(await this.takeSlot(signal))) throw stopped();
    try {
      return await this.attempt(document, options).catch((error: unknown) => {
        // A process may die while it waits for work; that is no fault of the document that comes next.
        if (error instanceof NotBegun) return this.attempt(document, options);
        throw error;
      });
    } finally {
      this.releaseSlot();
    }
  }

  /** Stops all work and ends every process. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const child of [...this.busy, ...this.idle.keys()]) child.kill(stopped());
    for (const timer of this.idle.values()) clearTimeout(timer);
    this.idle.clear();
    for (const wake of this.waiting.splice(0)) wake(false);
  }

  private async attempt(document: Uint8Array, { signal, onYaml }: GenerateOptions): Promise<GeneratedClient> {
    if (this.isClosed || signal?.aborted) throw stopped();
    const child = this.takeChild();
    const stop = (): void => child.kill(stopped());
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await work(child, document, onYaml);
    } finally {
      signal?.removeEventListener('abort', stop);
      this.putBack(child);
    }
  }

  /** Waits for a free slot and takes it. False, with none taken, when the signal aborts first. */
  private async takeSlot(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.isClosed || signal?.aborted) return false;
    if (this.slotsTaken < this.slots) {
      this.slotsTaken += 1;
      return true;
    }
    return new Promise((resolve) => {
      const wake = (hasSlot: boolean): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(hasSlot);
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(wake), 1);
        resolve(false);
      };
      this.waiting.push(wake);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Hands a slot on to who waits longest. */
  private releaseSlot(): void {
    const next = this.waiting.shift();
    if (next) next(true);
    else this.slotsTaken -= 1;
  }

  private takeChild(): GeneratorChild {
    let taken: GeneratorChild | undefined;
    for (const [child, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(child);
      if (!child.isUsable) continue;
      taken = child;
      break;
    }
    taken ??= new GeneratorChild(this.child);
    this.busy.add(taken);
    return taken;
  }

  private putBack(child: GeneratorChild): void {
    this.busy.delete(child);
    if (this.isClosed || !child.isUsable) {
      child.kill(stopped());
      return;
    }
    const timer = setTimeout(() => {
      this.idle.delete(child);
      child.kill(stopped());
    }, this.idleMs);
    timer.unref();
    this.idle.set(child, timer);
  }
}

async function work(
  child: GeneratorChild,
  document: Uint8Array,
  onYaml: GenerateOptions['onYaml'],
): Promise<GeneratedClient> {
  let told = Promise.resolve();
  const texts = await child.run(document, (yaml) => {
    told = onYaml ? onYaml(yaml) : told;
    told.catch((error: unknown) => child.kill(error instanceof Error ? error : new Error(String(error))));
  });
  await told;
  return new GeneratedClient(texts);
}

function stopped(): Unavailable {
  return new Unavailable('GENERATOR_STOPPED', 'The generation was stopped before it ended.');
}
