// Starts what was built for an image, as its container would be started.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
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

/**
 * As a container has it: of the machine's file system nothing can be written but what is mounted and a bare /tmp, which
 * stands beside the image here; no capability is left, and none can be had.
 */
const SEALED = `set -e
folder=$1 tmp=$2 uid=$3 count=$4
shift 4
while [ "$count" -gt 0 ]; do mount --bind "$1" "$1"; count=$((count - 1)); shift; done
mount -t tmpfs -o noexec,nosuid,nodev,mode=1777,size=1g tmpfs "$tmp"
mount -o remount,bind,ro "$(stat -c %m "$folder")"
[ "$(stat -c %m "$folder")" = / ] || mount -o remount,bind,ro /
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"`;

/** Whether this machine lets whoever runs this do so. */
export const canSeal =
  user.uid !== undefined &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt && command -v setpriv']).status === 0;

function sealed(image, mounted, command) {
  const tmp = `${image.folder}-tmp`;
  mkdirSync(tmp, { recursive: true });
  const places = mounted.map((target) => join(image.folder, target));
  const mount = ['--mount', '--propagation', 'private', 'sh', '-c', SEALED, 'sh'];
  return {
    tmp,
    command: ['unshare', ...mount, image.folder, tmp, String(user.uid), String(places.length), ...places, ...command],
  };
}

/** What the system says of a process. */
function rightsOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
  const [, , , , , options = ''] =
    readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, , , , place]) => place === '/') ?? [];
  const capabilities = ['CapEff', 'CapPrm', 'CapInh', 'CapBnd'].map((name) => field(name)?.replace(/^0+(?=.)/, ''));
  return {
    uid: field('Uid'),
    capabilities: [...new Set(capabilities)].join(),
    noNewPrivileges: field('NoNewPrivs'),
    isReadOnly: options.split(',').includes('ro'),
  };
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
 * @property {() => object} rights what the system lets it do, where `canSeal`
 */

/**
 * Starts an image's command as the image's user.
 * @param {import('./image.mjs').Image} image
 * @param {object} how
 * @param {string} how.path the PATH it finds
 * @param {Record<string, string>} how.env what the container is given
 * @param {string[]} [how.mounted] paths in the container that are mounted; given, it is sealed where `canSeal`
 * @returns {Started}
 */
export function start(image, { path, env, mounted }) {
  const options = {
    cwd: join(image.folder, image.workdir),
    env: { ...within(image, { ...image.env, ...env }), PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(image.user === 'root' ? {} : user),
  };
  const seals =
    canSeal && mounted !== undefined && image.user !== 'root' ? sealed(image, mounted, image.command) : undefined;
  const [program, ...args] = seals?.command ?? image.command;
  const rootOptions = { ...options, uid: undefined, gid: undefined, env: { ...options.env, TMPDIR: seals?.tmp } };
  const child = spawn(program, args, seals ? rootOptions : options);
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
    rights: () => rightsOf(child.pid),
  };
}
