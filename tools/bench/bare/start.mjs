// Starts what makes calls and keeps nothing.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { restCalls } from '../rest-calls.mjs';

/** @returns it as a target of the load. */
export async function startBare(upstream, { connections, concurrency }) {
  const env = { ...process.env, UPSTREAM: upstream, CONCURRENCY: String(concurrency) };
  const app = fork(join(import.meta.dirname, 'main.mjs'), { env });
  const [{ port }] = await once(app, 'message');
  const calls = restCalls(port, connections);
  return {
    ...calls,
    pid: app.pid,
    stop: async () => {
      await calls.close();
      app.kill();
      await (app.exitCode ?? once(app, 'exit'));
    },
  };
}
