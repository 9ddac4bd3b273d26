// Where the test servers live on this machine: folders, saved state, locks and free ports.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isAlive, pause } from './processes.mjs';

/** Built binaries, kept from run to run. */
export const cacheDir = process.env.CALLBOARD_SERVERS_CACHE ?? join(homedir(), '.cache', 'callboard-servers');

/**
 * Data, logs and state of the running servers. Two folders are two independent sets of servers, each on ports of its own:
 * a test that kills servers sets CALLBOARD_SERVERS_DATA to a folder of its own.
 */
export const dataDir =
  process.env.CALLBOARD_SERVERS_DATA ?? join(tmpdir(), `callboard-servers-${String(userInfo().uid)}`);

/** @returns {string | undefined} the first of these programs that exists, looked up on PATH unless it is a path */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return names
    .flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))))
    .find((path) => existsSync(path));
}

/** Names a built thing by what it was built from, so that a change of the sources is a thing not yet built. */
export function digestOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** The folder of one server's data; readable by all because PostgreSQL refuses to run as root. */
export function folderOf(name) {
  const folder = join(dataDir, name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** @returns {{ ports?: Record<string, number>, processes?: import('./processes.mjs').Running[] }} */
export function readState(name) {
  try {
    return JSON.parse(readFileSync(join(dataDir, name, 'state.json'), 'utf8'));
  } catch {
    return {};
  }
}

export function writeState(name, state) {
  const path = join(folderOf(name), 'state.json');
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 2));
  renameSync(`${path}.new`, path);
}

/** Removes a stopped server's data, and the common folder once it is empty. */
export function wipe(name) {
  rmSync(join(dataDir, name), { recursive: true, force: true });
}

/** Runs `work` while no other process holds the lock at `path`; a lock whose holder has died is taken over. */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive({ pid: holderOf(path) })) rmSync(path, { force: true });
    else if (waited === 0) onWait();
    await pause(100);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function holderOf(path) {
  try {
    // A lock that was created this instant is still empty: its creator is alive.
    return Number(readFileSync(path, 'utf8')) || process.pid;
  } catch {
    return process.pid;
  }
}

/** A port of 127.0.0.1 that nobody listens on: the wanted one, or one of the two thousand above it. */
export async function freePort(wanted) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    // Not one after the other: two sets of servers that start at the same moment should not want the same port.
    const port = attempt === 0 ? wanted : wanted + 1 + Math.floor(Math.random() * 2000);
    if (await isFree(port)) return port;
  }
  throw new Error(`expected a free port on 127.0.0.1 from ${String(wanted)} to ${String(wanted + 2000)}, found none`);
}

/** A port of 127.0.0.1 that was free a moment ago, whichever. */
export async function anyFreePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
