import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Starts the benchmarks' service in a process of its own. `env`: see upstream.mjs. */
export async function startUpstream(env = {}) {
  const child = fork(join(import.meta.dirname, 'upstream.mjs'), { env: { ...process.env, ...env } });
  const [{ port }] = await once(child, 'message');
  return {
    address: `http://127.0.0.1:${port}`,
    /** How many requests it has had. */
    requests: async () => {
      child.send('requests');
      const [{ requests }] = await once(child, 'message');
      return requests;
    },
    stop: () => child.kill(),
  };
}
