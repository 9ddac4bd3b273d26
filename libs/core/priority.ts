/** From 0, which may wait longest, to 9, which goes first. */
export const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
export const DEFAULT_PRIORITY = 5;

/**
 * How much earlier one step of priority starts, in milliseconds. Large against the seconds in which calls come due
 * together, so that priority decides among them; small against the minutes for which a call may be late, since the
 * lowest waits for what comes due within nine steps (4.5 minutes) after it, and for nothing later: that is why nothing
 * starves.
 */
export const PRIORITY_STEP_MS = 30_000;

/** A process whose turn it is, or will be, and all that decides when. */
export interface Turn {
  readonly traceId: string;
  readonly priority: number;
  /** In epoch milliseconds. */
  readonly dueAt: number;
}

/** Where something stands among all that is due: lower ranks start first. It never changes while it waits. */
export function rankOf({
  priority,
  dueAt,
}: {
  readonly priority?: number | undefined;
  readonly dueAt: number;
}): number {
  return dueAt - (priority ?? DEFAULT_PRIORITY) * PRIORITY_STEP_MS;
}

/** The first `limit` of several lists that each are in the order of their ranks, in that order. */
export function firstByRank<T extends Pick<Turn, 'priority' | 'dueAt'>>(lists: readonly T[][], limit: number): T[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return (filled[0] ?? []).slice(0, limit);
  return filled
    .flat()
    .sort((a, b) => rankOf(a) - rankOf(b))
    .slice(0, limit);
}
