import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LEASE_SECONDS } from './deployments.mjs';
import { fill } from './mount.mjs';

/** For how long what was killed stays away. */
const AWAY_MS = 1_000;
/** The same for what few calls need. */
const LONG_AWAY_MS = 5_000;
/** For how long a disk is full or a folder read-only. */
const DISK_FAULT_MS = 5_000;

/**
 * What may happen to an installation. `strike` makes it happen and resolves when the cause is over; then the calls must
 * go on by themselves.
 * @typedef {object} Fault
 * @property {string} name
 * @property {'distributed' | 'standalone' | 'small disk' | 'odd clock'} deployment what it happens to
 * @property {number} [share] of the calls, beside those of the other faults; 1 unless said
 * @property {(deployment: any, index: number) => Promise<void>} strike
 * @property {(deployment: any) => string | undefined} [impossible] why it cannot be made to happen here
 */

/** @type {Fault[]} */
export const FAULTS = [
  {
    name: 'kill standalone',
    deployment: 'standalone',
    strike: async ({ app }) => {
      await app.kill();
      await app.start();
    },
  },
  {
    name: 'freeze standalone',
    deployment: 'standalone',
    share: 0.2,
    strike: ({ app }) => app.freeze(2 * LEASE_SECONDS * 1_000),
  },
  {
    name: 'kill worker',
    deployment: 'distributed',
    strike: async ({ workers }, index) => {
      const worker = workers[index % workers.length];
      await worker.kill();
      await pause(AWAY_MS);
      await worker.start();
    },
  },
  {
    name: 'freeze worker',
    deployment: 'distributed',
    strike: ({ workers }, index) => workers[index % workers.length].freeze(2 * LEASE_SECONDS * 1_000),
  },
  {
    name: 'kill API',
    deployment: 'distributed',
    strike: async ({ api }) => {
      await api.kill();
      await pause(AWAY_MS);
      await api.start();
    },
  },
  { name: 'kill Redis', deployment: 'distributed', strike: ({ servers }) => killServer(servers, 'redis') },
  {
    name: 'kill MinIO',
    deployment: 'distributed',
    strike: ({ servers }) => killServer(servers, 'minio', LONG_AWAY_MS),
  },
  { name: 'kill RabbitMQ', deployment: 'distributed', strike: ({ servers }) => killServer(servers, 'rabbitmq') },
  {
    name: 'empty RabbitMQ',
    deployment: 'distributed',
    strike: ({ servers }) => killServer(servers, 'rabbitmq', AWAY_MS, () => servers.wipeQueues()),
  },
  {
    name: 'kill database',
    deployment: 'distributed',
    strike: ({ servers }) => killServer(servers, 'mongodb', AWAY_MS, () => servers.forgetPostgres()),
    impossible: ({ database }) =>
      database === 'mongodb' ? undefined : `${database} keeps nothing that it is killed with`,
  },
  {
    name: 'disk full',
    deployment: 'small disk',
    strike: async ({ mount }) => {
      const release = fill(mount.folder);
      await pause(DISK_FAULT_MS);
      release();
    },
  },
  {
    name: 'read-only folder',
    deployment: 'standalone',
    share: 0.1,
    strike: async ({ dataDir }) => {
      const files = databaseFiles(dataDir);
      execFileSync('chattr', ['+i', ...files]);
      try {
        await pause(DISK_FAULT_MS);
      } finally {
        execFileSync('chattr', ['-i', ...files]);
      }
    },
    impossible: ({ dataDir }) => {
      try {
        for (const flag of ['+i', '-i']) execFileSync('chattr', [flag, dataDir], { stdio: 'pipe', encoding: 'utf8' });
        return undefined;
      } catch (error) {
        return error.stderr?.trim() || error.message;
      }
    },
  },
  {
    name: 'read-only start',
    deployment: 'small disk',
    strike: async ({ app, mount }) => {
      await app.stop();
      mount.remount('ro');
      try {
        app.spawn({ mayEnd: true });
        const code = await app.exited;
        if (code !== 1) throw new Error(`Expected standalone to refuse a read-only folder with code 1, got ${code}.`);
      } finally {
        mount.remount('rw');
      }
      await app.start();
    },
  },
  {
    name: 'clock back 1 h',
    deployment: 'odd clock',
    strike: async ({ app }) => {
      process.kill(app.pid, 'SIGUSR2');
    },
  },
];

/** All but those that are mapped into memory: writing there would be answered with a signal. */
function databaseFiles(dataDir) {
  const names = readdirSync(dataDir).filter((name) => name.startsWith('callboard.db') && !name.endsWith('-shm'));
  return names.map((name) => join(dataDir, name));
}

async function killServer(servers, name, awayMs = AWAY_MS, meanwhile = () => {}) {
  servers.kill(name);
  await pause(awayMs);
  meanwhile();
  await servers.restart(name);
}
