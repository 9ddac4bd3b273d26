// The load of the benchmarks, the same for all that are measured: something that schedules calls and tells when each has ended.
const ASK_EVERY_MS = 20;

/**
 * Many calls over all connections, from the first that is scheduled until the end of each has been seen. Only the
 * oldest are asked after, now and then: asking after all that wait would measure the asking.
 * @param target `schedule(id)` gives a handle, `ended(handle)` tells whether that call has ended well
 * @returns calls a second
 */
export async function throughput(target, { calls, connections, tag = 'load' }) {
  const waiting = [];
  let posted = 0;
  let ended = 0;
  let pauseUntil = 0;
  const begun = performance.now();
  const connection = async () => {
    while (ended < calls) {
      if (posted < calls) waiting.push(await target.schedule(`${tag}-${posted++}`));
      else if (waiting.length === 0) await pause();
      if (waiting.length === 0) continue;
      if (performance.now() < pauseUntil) {
        if (posted >= calls) await pause();
        continue;
      }
      const handle = waiting.shift();
      if (await target.ended(handle)) ended += 1;
      else {
        waiting.unshift(handle);
        pauseUntil = performance.now() + ASK_EVERY_MS;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return calls / ((performance.now() - begun) / 1_000);
}

/** One call at a time, from when it is scheduled until its end is seen. @returns milliseconds, sorted */
export async function latencies(target, { calls, tag = 'idle', warmUp = 20 }) {
  const times = [];
  for (let i = -warmUp; i < calls; i++) {
    const begun = performance.now();
    const handle = await target.schedule(`${tag}-${i}`);
    while (!(await target.ended(handle)));
    // The first few warm up what a running service has warm.
    if (i >= 0) times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

export function pause(ms = 2) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
