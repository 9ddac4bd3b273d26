import type { DependencyHealth, DependencyName, WorkerHealth } from '#core';

/** Whether a process can do its work, and how what it needs is; no addresses and no errors. */
export function healthView(
  health: Readonly<Record<DependencyName, DependencyHealth>>,
  workers?: readonly WorkerHealth[],
) {
  const ready = health.database.state === 'up' && (workers ?? []).every(({ state }) => state === 'running');
  const shown = ({ state, since }: DependencyHealth) => ({ state, since: new Date(since).toISOString() });
  return {
    live: true as const,
    ready,
    dependencies: {
      database: shown(health.database),
      bus: shown(health.bus),
      cache: shown(health.cache),
      blobs: shown(health.blobs),
    },
    ...(workers && { workers: workers.map(({ name, state, restarts }) => ({ name, state, restarts })) }),
  };
}
