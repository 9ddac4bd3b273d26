import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tool = join(import.meta.dirname, '..', '..', 'tools', 'servers', 'index.mjs');

/** A name that tools/servers knows. */
export type ServerName = 'rabbitmq' | 'redis' | 'mongodb' | 'minio' | 'httpbin';

/**
 * Real servers of a suite's own, on ports and with data of their own, for tests that take servers away: the ones that
 * the environment names are shared with other suites. They must be installed; guard the suite with
 * `describeWithServer` and the same servers' variables, give `beforeAll` 60 seconds, and call `erase` in `afterAll`.
 */
export class PrivateServers {
  private constructor(
    private readonly folder: string,
    /** What leads to them: RABBITMQ_URL, REDIS_URL, MONGODB_URI, S3_ENDPOINT …; it stays the same over restarts. */
    readonly env: Record<string, string>,
  ) {}

  /** Starts these servers (RabbitMQ takes 6 to 10 seconds, the others about one) and waits until they answer. */
  static async start(...names: ServerName[]): Promise<PrivateServers> {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-private-'));
    // PostgreSQL runs as a user of its own and must be able to reach its folder.
    await chmod(folder, 0o755);
    const { stdout } = await call(folder, 'start', '--json', ...names);
    return new PrivateServers(folder, JSON.parse(stdout) as Record<string, string>);
  }

  /** Starts a server again, on the port and with the data it had, and waits until it answers. */
  async start(name: ServerName): Promise<void> {
    await call(this.folder, 'start', name);
  }

  /** Stops a server in order and waits until it is gone. */
  async stop(name: ServerName): Promise<void> {
    await call(this.folder, 'stop', name);
  }

  /** Ends a server as a crash would: nothing is said to its clients, nothing is written down. */
  async kill(name: ServerName): Promise<void> {
    await call(this.folder, 'stop', '--kill', name);
  }

  /** Stops all of them and removes their data. */
  async erase(): Promise<void> {
    await call(this.folder, 'stop', '--erase');
    await rm(this.folder, { recursive: true, force: true });
  }
}

function call(folder: string, ...args: string[]): Promise<{ stdout: string }> {
  return run(process.execPath, [tool, ...args], { env: { ...process.env, CALLBOARD_SERVERS_DATA: folder } });
}
