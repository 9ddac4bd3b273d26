import { DEFAULT_PROJECT } from '#core';
import type { Clock, ProjectStore } from '#core';

/** How long what was read is good for, in milliseconds: so long may a project that was removed elsewhere still be used. */
const FRESH_MS = 2_000;
/** The same for a name that is not among it: it may have come since. */
const FRESH_FOR_NEW_MS = 250;

/**
 * Tells which projects there are, without a query for each request: all are read at once, at most every quarter of a
 * second however many names are asked for.
 */
export class KnownProjects {
  private names: ReadonlySet<string> = new Set();
  private readAt = -Infinity;
  private reading: Promise<ReadonlySet<string>> | undefined;
  /** Rises with each change that is told of here. */
  private changes = 0;

  constructor(
    private readonly projects: Pick<ProjectStore, 'list'>,
    private readonly clock: Clock,
  ) {}

  /** Whether there is a project of this name: at once where that is known. @throws Unavailable, from a promise. */
  has(name: string): boolean | Promise<boolean> {
    if (name === DEFAULT_PROJECT) return true;
    const isKnown = this.names.has(name);
    const age = Math.abs(this.clock.now() - this.readAt);
    return age < (isKnown ? FRESH_MS : FRESH_FOR_NEW_MS) ? isKnown : this.readAndHas(name);
  }

  /** Has the next who asks read anew. */
  forget(): void {
    this.changes += 1;
    this.readAt = -Infinity;
    this.reading = undefined;
  }

  private async readAndHas(name: string): Promise<boolean> {
    const reading = (this.reading ??= this.read());
    try {
      return (await reading).has(name);
    } finally {
      if (this.reading === reading) this.reading = undefined;
    }
  }

  private async read(): Promise<ReadonlySet<string>> {
    const { changes } = this;
    const at = this.clock.now();
    const there = (await this.projects.list()).filter(({ removedAt }) => removedAt === null);
    const names = new Set(there.map((project) => project.name));
    if (changes === this.changes) [this.names, this.readAt] = [names, at];
    return names;
  }
}
