// What the deployment files say, as read by the libraries that Docker itself is made of (main.go).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, digestOf } from '../servers/host.mjs';
import { run } from '../servers/processes.mjs';

const source = import.meta.dirname;
const root = join(source, '..', '..');
const version = digestOf(...['main.go', 'go.mod', 'go.sum'].map((file) => join(source, file)));
const binary = join(cacheDir, 'bin', `deployment-${version}`);

/**
 * Builds the reader where it is not built yet.
 * @throws {Error} when there is no Go, or it cannot build
 */
export async function buildReader() {
  if (existsSync(binary)) return;
  if (spawnSync('go', ['version']).status !== 0) {
    throw new Error(
      'Reading the deployment files needs Go 1.21 or newer (https://go.dev): no program named go was found.',
    );
  }
  await run('go', ['build', '-o', binary, '.'], { cwd: source });
}

/**
 * docker-compose.yaml with .env and these variables filled in; nothing of this process's own environment.
 * @throws {Error} with the sentence that `docker compose` would print
 */
export function readCompose(variables) {
  return read('compose', variables);
}

/** The stages and instructions of the Dockerfile. */
export function readDockerfile() {
  return read('dockerfile');
}

/** The files that .dockerignore lets through to a build. */
export function readContext() {
  return read('context');
}

function read(what, variables = {}) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
  const result = spawnSync(binary, [what, root], { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(result.stderr.trim());
  return JSON.parse(result.stdout);
}
