/** One line of percentiles of some durations in milliseconds. */
export function timings(name: string, durations: readonly number[]): string {
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number): string => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return value === undefined ? '-' : `${value.toFixed(0)} ms`;
  };
  return `${name.padEnd(9)} p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`;
}
