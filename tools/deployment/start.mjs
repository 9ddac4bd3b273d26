// Starts what was built for an image, as its container would be started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../servers/processes.mjs';
import { NODE_UID } from './base.mjs';

/** Whom an image runs as; without root's rights here, whoever runs this. */
const user = process.getuid?.() === 0 ? { uid: NODE_UID, gid: NODE_UID } : {};

/**
 * Takes from the image's user what a read-only container does not let it write: all but what is mounted.
 * @param {import('./image.mjs').Image} image
 * @param {string[]} mounted paths in the container
 */
export function seal(image, mounted) {
  if (user.uid === undefined) return;
  const isOurs = (path) => lstatSync(path).uid === user.uid;
  const folders = readdirSync(image.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const path of folders.filter(isOurs)) {
    if (!mounted.some((target) => join(image.folder, target) === path)) chownSync(path, 0, 0);
  }
}

/** Variables that name a place in the container, named where it lies here. */
function within(image, env) {
  const place = (value) => (value.startsWith(`${image.workdir}/`) ? join(image.folder, value) : value);
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, place(String(value))]));
}

/**
 * @typedef {object} Started
 * @property {() => Promise<boolean>} healthy runs the image's health check once
 * @property {() => Promise<number | string>} stop ends it in order; the exit code, or the signal that ended it
 * @property {() => Promise<number | string>} ended waits for it to end by itself
 * @property {() => string} printed
 */

/**
 * Starts an image's command as the image's user.
 * @param {import('./image.mjs').Image} image
 * @param {object} how
 * @param {string} how.path the PATH it finds
 * @param {Record<string, string>} how.env what the container is given
 * @returns {Started}
 */
export function start(image, { path, env }) {
  const options = {
    cwd: join(image.folder, image.workdir),
    env: { ...within(image, { ...image.env, ...env }), PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(image.user === 'root' ? {} : user),
  };
  const [program, ...args] = image.command;
  const child = spawn(program, args, options);
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)));
  const check = async () => {
    const [checker, ...rest] = image.health;
    const [code] = await once(spawn(checker, rest, { ...options, stdio: 'ignore' }), 'close');
    return code === 0;
  };
  return {
    healthy: async () =>
      (await until(async () => child.exitCode !== null || (await check()), { seconds: 20, every: 250 })) === true &&
      child.exitCode === null,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 25_000);
      const result = await ended;
      clearTimeout(late);
      return result;
    },
    ended: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const result = await ended;
      clearTimeout(late);
      return result;
    },
    printed: () => printed,
  };
}
