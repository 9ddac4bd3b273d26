import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tool = join(import.meta.dirname, '..', 'servers', 'index.mjs');
const NAMES = ['rabbitmq', 'redis', 'minio'];
/** The servers of the MongoDB protocol, and what tells of each: the first keeps what it has when it is killed. */
export const DATABASES = { mongodb: 'MONGODB_URI', 'mongodb-java': 'MONGODB_SECOND_URI' };

/** Real servers of this run's own, on ports and with data of their own. */
export class Servers {
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * Starts all that a distributed installation needs.
   * @param {(undo: () => Promise<void>) => void} onEnd is given what stops them
   * @param {keyof typeof DATABASES} database
   */
  static async start(onEnd, database) {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-chaos-servers-'));
    // PostgreSQL runs as a user of its own and must be able to reach its folder.
    chmodSync(folder, 0o755);
    const servers = new Servers(folder);
    onEnd(() => servers.erase());
    const { [DATABASES[database]]: MONGODB_URI, ...env } = JSON.parse(
      await servers.call('start', '--json', database, ...NAMES),
    );
    servers.env = { ...env, MONGODB_URI };
    return servers;
  }

  /** kill −9 of each process that a server is made of. */
  kill(name) {
    const { processes = [] } = JSON.parse(readFileSync(join(this.folder, name, 'state.json'), 'utf8'));
    for (const pid of withDescendants(processes.map((each) => each.pid))) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  /** Has a killed PostgreSQL start again where nobody takes note of dead processes: to it such a one still lives. */
  forgetPostgres() {
    rmSync(join(this.folder, 'mongodb', 'postgresql', 'postmaster.pid'), { force: true });
  }

  /** Starts a server again on the port and with the data it had, and waits until it answers. */
  async restart(name) {
    await this.call('start', name);
  }

  /** Forgets all that a killed RabbitMQ has kept: every queue and every message. */
  wipeQueues() {
    rmSync(join(this.folder, 'rabbitmq', 'mnesia'), { recursive: true, force: true });
  }

  async erase() {
    await this.call('stop', '--erase');
    await rm(this.folder, { recursive: true, force: true });
  }

  async call(...args) {
    // A group of its own: Ctrl-C is for whoever started this, who then stops it.
    const options = { env: { ...process.env, CALLBOARD_SERVERS_DATA: this.folder }, detached: true };
    return (await run(process.execPath, [tool, ...args], options)).stdout;
  }
}

/** These processes and all that they have started, which may live on without them. */
function withDescendants(pids) {
  const all = new Set(pids);
  const parents = new Map();
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), parentOf(entry));
  }
  for (let before = 0; before !== all.size;) {
    before = all.size;
    for (const [pid, parent] of parents) if (all.has(parent)) all.add(pid);
  }
  return all;
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
