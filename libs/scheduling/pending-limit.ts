import { DEFAULT_PROJECT, Unavailable } from '#core';
import type { Clock, ProcessStore, ProjectStore } from '#core';

/** How long a count is good for. */
const FRESH_MS = 5_000;
/** Which part of all one project may hold beside others, unless its share was set. */
const SHARE = 1 / 2;

export interface PendingLimits {
  /** How many processes may not have ended; null: any number. */
  readonly all: number | null;
  /** How many of them may be of one project; null: half of them, as soon as there are other projects. */
  readonly ofProject: number | null;
}

/**
 * Refuses calls while too many wait to be made: a queue that only grows helps nobody. What waits is counted in the
 * background, every few seconds while calls come, and what this API has accepted since is added: asking costs nothing.
 * Several APIs together may accept a few seconds' worth beyond the limit.
 */
export class PendingLimit {
  private readonly all: RunningCount;
  private readonly ofProjects = new Map<string, RunningCount>();
  /** Whether there are projects beside the default one. */
  private isShared = false;

  constructor(
    private readonly processes: Pick<ProcessStore, 'countUnended'>,
    projects: Pick<ProjectStore, 'list'>,
    private readonly clock: Clock,
    private readonly limits: PendingLimits,
  ) {
    this.all = new RunningCount(clock, async () => {
      const counting = limits.all === null ? 0 : processes.countUnended(limits.all);
      const [count, all] = await Promise.all([counting, projects.list()]);
      this.isShared = all.some(({ name, removedAt }) => name !== DEFAULT_PROJECT && removedAt === null);
      return count;
    });
  }

  /** Counts one more of a project. @throws Unavailable when there are as many as may be. */
  admit(project: string): void {
    const { all, ofProject } = this.limits;
    if (all === null && ofProject === null) return;
    const counts = [this.all];
    if (this.all.now() >= (all ?? Infinity)) throw tooMany(`${all} processes`);
    const share = ofProject ?? (this.isShared && all !== null ? Math.ceil(all * SHARE) : null);
    if (share !== null) {
      const own = this.countOf(project, share);
      if (own.now() >= share) throw tooMany(`${share} processes of one project`);
      counts.push(own);
    }
    for (const count of counts) count.add();
  }

  private countOf(project: string, most: number): RunningCount {
    const known = this.ofProjects.get(project);
    if (known) return known;
    const count = new RunningCount(this.clock, () => this.processes.countUnended(most, project));
    this.ofProjects.set(project, count);
    return count;
  }
}

/** A number that is counted every few seconds, with what was added since. */
class RunningCount {
  private counted = 0;
  private addedSince = 0;
  private countedAt = -Infinity;
  private isCounting = false;

  constructor(
    private readonly clock: Clock,
    private readonly count: () => Promise<number>,
  ) {}

  now(): number {
    if (Math.abs(this.clock.now() - this.countedAt) >= FRESH_MS && !this.isCounting) void this.countAnew();
    return this.counted + this.addedSince;
  }

  add(): void {
    this.addedSince += 1;
  }

  private async countAnew(): Promise<void> {
    this.isCounting = true;
    const before = this.addedSince;
    try {
      this.counted = await this.count();
      this.addedSince -= before;
    } catch {
      // The last count is good enough until the database is back.
    }
    this.countedAt = this.clock.now();
    this.isCounting = false;
  }
}

function tooMany(most: string): Unavailable {
  return new Unavailable(
    'PENDING_FULL',
    `Expected fewer than ${most} that have not ended, and there are as many: try again when some have.`,
  );
}
