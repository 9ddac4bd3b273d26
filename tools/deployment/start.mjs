// Starts what was built for an image, as its container would be started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../servers/processes.mjs';
import { NODE_UID } from './base.mjs';

/** Linux counts the files that a user can write by its id: root can write all. */
const user = process.getuid?.() === 0 ? { uid: NODE_UID, gid: NODE_UID } : {};

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
    env: { ...image.env, ...env, PATH: path },
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
