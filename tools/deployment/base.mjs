// Stands in for the base image: Node.js of its version, npm, and a chown that knows its user.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheDir } from '../servers/host.mjs';
import { run } from '../servers/processes.mjs';

/** The user id of the base image's user `node`. */
export const NODE_UID = 1000;

/** What npm needs to reach its registry; nothing else of this machine gets into a step. */
const PASSED =
  /^(HOME|TMPDIR|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|npm_config_(registry|cache|userconfig|cafile))$/i;

/** The environment of a step, beside its PATH and what the Dockerfile sets. */
export function stepEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
}

/**
 * The program `node` of a major version: from npm's packages of Node.js for Linux; elsewhere the one that runs this.
 * @returns {Promise<string>} its path
 */
export async function provideNode(major) {
  if (process.platform !== 'linux') return process.execPath;
  const name = `node-linux-${process.arch}`;
  const folder = join(cacheDir, `node-${major}`);
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    await run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`]);
  }
  return program;
}

/**
 * Makes the programs that a step finds.
 * @param {string} folder of its own, where they go
 * @param {string} node as `provideNode` gives it
 * @returns {string} a PATH
 */
export function makePath(folder, node) {
  mkdirSync(folder, { recursive: true });
  const program = (name, ...lines) => {
    writeFileSync(join(folder, name), ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(join(folder, name), 0o755);
  };
  // A copy, which the images' user can read: the cache may lie in a home that it cannot.
  copyFileSync(node, join(folder, 'node'));
  program('npm', `exec node '${npmProgram()}' "$@"`);
  // Whoever is not root here can give nothing away, and starts the images as the same user anyway.
  const owner = `$(echo "$1" | sed 's/node/${NODE_UID}/g')`;
  program('chown', '[ "$(id -u)" = 0 ] || exit 0', `owner=${owner}`, 'shift', 'exec /bin/chown "$owner" "$@"');
  return `${folder}:/usr/local/bin:/usr/bin:/bin`;
}

function npmProgram() {
  if (process.env.npm_execpath !== undefined) return process.env.npm_execpath;
  const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return join(modules.trim(), 'npm', 'bin', 'npm-cli.js');
}
