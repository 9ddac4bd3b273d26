import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');
/** What npm start gives to Node.js. */
const SHIPPED = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  .scripts.start.split(' ')
  .filter((word) => word.startsWith('--'));
const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 30_000;

/** One process of Callboard that is killed and started again: `node dist/apps/{role}/main.js`. */
export class App {
  /**
   * @param {string} role
   * @param {object} options
   * @param {Record<string, string>} options.env all but PATH
   * @param {string} options.log the file that its output is appended to
   * @param {string} options.ping what answers with 200 once it is there
   * @param {string[]} [options.nodeArgs] goes to Node.js itself
   * @param {(error: Error) => void} options.onDeath told when it ends and nobody asked it to
   */
  constructor(role, { env, log, ping, nodeArgs = [], onDeath }) {
    Object.assign(this, { role, env, log, ping, nodeArgs, onDeath });
  }

  get pid() {
    return this.child?.pid;
  }

  /** Starts it without waiting for anything. @param {{mayEnd?: boolean}} [how] */
  spawn({ mayEnd = false } = {}) {
    const output = openSync(this.log, 'a');
    this.child = spawn(
      process.execPath,
      [...SHIPPED, ...this.nodeArgs, join(root, 'dist', 'apps', this.role, 'main.js')],
      {
        cwd: root,
        env: { PATH: process.env.PATH, ...this.env },
        stdio: ['ignore', output, output],
        // Ctrl-C is for whoever started this, who then stops it.
        detached: true,
      },
    );
    closeSync(output);
    this.isToEnd = mayEnd;
    this.exited = once(this.child, 'exit').then(([code, signal]) => {
      if (!this.isToEnd)
        this.onDeath(new Error(`${this.role} ended by itself with ${code ?? signal}: see ${this.log}`));
      return code ?? signal;
    });
  }

  /** Starts it and resolves when it answers. */
  async start() {
    this.spawn();
    const { child } = this;
    const end = performance.now() + START_DEADLINE_MS;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${this.role} ended: see ${this.log}`);
      const answer = await fetch(this.ping, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      if (answer?.status === 200) return;
      if (performance.now() > end) throw new Error(`${this.role} was not there in time: see ${this.log}`);
      await pause(20);
    }
  }

  /** kill −9. */
  async kill() {
    if (!this.child) return;
    this.isToEnd = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Has it stand still for a while, as a machine that is suspended does. */
  async freeze(ms) {
    this.child.kill('SIGSTOP');
    await pause(ms);
    this.child.kill('SIGCONT');
  }

  /** Ends it in order. @returns its exit code, or the signal that it ended by */
  async stop() {
    if (!this.child) return 0;
    this.isToEnd = true;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_DEADLINE_MS);
    const how = await this.exited;
    clearTimeout(timer);
    return how;
  }
}
