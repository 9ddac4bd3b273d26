// Starting a program in the background, knowing it again later, waiting for it, ending it by its process id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export { pause };

/**
 * @typedef {object} Running
 * @property {string} name for messages
 * @property {number} pid
 * @property {boolean} [leads] whether it was started by `launch`, so that its children are in a process group of its id
 * @property {string} [born] the kernel's start time of the process, so that a reused pid is not mistaken for it
 * @property {string} [stopSignal] ends it in order; SIGTERM unless said
 * @property {string} [killSignal] ends it as a crash would; SIGKILL unless said
 */

/**
 * Starts a program that outlives this one, its output appended to a log file.
 * @param {{ name: string, command: string, args?: string[], env?: object, cwd?: string, log: string, uid?: number, gid?: number }} program
 * @returns {Promise<Running>}
 */
export async function launch({ name, command, args = [], env = {}, cwd, log, uid, gid }) {
  const output = openSync(log, 'a');
  const child = spawn(command, args, {
    cwd,
    uid,
    gid,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await once(child, 'spawn');
  child.unref();
  return { ...known(name, child.pid), leads: true };
}

/** Describes a process that runs now. */
export function known(name, pid) {
  return { name, pid, born: kernelStat(pid)?.born };
}

/** Whether the process runs still: not ended, not a zombie, not another one under a reused id. */
export function isAlive({ pid, born }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  const stat = kernelStat(pid);
  if (stat === undefined) return true;
  return stat.state !== 'Z' && (born === undefined || stat.born === born);
}

function kernelStat(pid) {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], born: fields[19] };
  } catch {
    return undefined;
  }
}

/**
 * Ends a process and waits until it is gone; one that has not obeyed after 20 s is killed.
 * @param {Running} running
 * @param {{ crash?: boolean }} [how] crash: at once, with nothing put in order
 */
export async function end(running, { crash = false } = {}) {
  if (!isAlive(running)) return;
  signal(running, crash ? (running.killSignal ?? 'SIGKILL') : (running.stopSignal ?? 'SIGTERM'));
  const gone = await until(() => !isAlive(running), { seconds: 20 });
  if (gone) return;
  signal(running, 'SIGKILL');
  await until(() => !isAlive(running), { seconds: 5 });
}

function signal({ pid, leads }, name) {
  try {
    // In order, a server ends its own children; killed, it cannot, and they would go on holding its port.
    process.kill(leads && name === 'SIGKILL' ? -pid : pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Runs a program to its end, silently.
 * @throws {Error} with the end of what it printed, when it cannot be run or fails
 */
export async function run(command, args, { cwd, env = {} } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (data) => (printed = (printed + String(data)).slice(-2000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code, by] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(code ?? by)}:\n${printed.trim()}`);
}

/** Polls until `check` gives something truthy, and returns it; undefined when the time is over. */
export async function until(check, { seconds, every = 50 }) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (performance.now() > deadline) return undefined;
    await pause(every);
  }
}

/** Whether a TCP server on 127.0.0.1 answers `greeting` with something that starts with `expected`; without them, whether it accepts. */
export function answers(port, greeting, expected) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const done = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => (greeting === undefined ? done(true) : socket.write(greeting)));
    socket.once('data', (data) => done(expected === undefined || data.subarray(0, expected.length).equals(expected)));
  });
}

/** Whether a GET of this address is answered with 200. */
export async function serves(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
