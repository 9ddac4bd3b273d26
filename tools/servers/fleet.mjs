// All the real servers that tests can be run against, and what can be done with them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from './chromium.mjs';
import {
  cacheDir,
  dataDir,
  findProgram,
  folderOf,
  freePort,
  isFree,
  readState,
  wipe,
  withLock,
  writeState,
} from './host.mjs';
import { httpbin } from './httpbin.mjs';
import { minio } from './minio.mjs';
import { mongodbJava } from './mongodb-java.mjs';
import { mongodb } from './mongodb.mjs';
import { openapiGenerator } from './openapi-generator.mjs';
import { end, isAlive, run, until } from './processes.mjs';
import { rabbitmq } from './rabbitmq.mjs';
import { redis } from './redis.mjs';

export const servers = [rabbitmq, redis, mongodb, mongodbJava, minio, httpbin, chromium, openapiGenerator];

/** What each server's start puts into the environment of the tests. */
export const variablesOf = {
  rabbitmq: ['RABBITMQ_URL'],
  redis: ['REDIS_URL'],
  mongodb: ['MONGODB_URI'],
  'mongodb-java': ['MONGODB_SECOND_URI'],
  minio: ['S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'],
  httpbin: ['HTTPBIN_URL'],
  chromium: ['CHROMIUM_PATH'],
  'openapi-generator': ['OPENAPI_GENERATOR_JAR'],
};

/** @throws {Error} naming the servers there are, when one of the names is none of them */
export function select(names) {
  if (names.length === 0) return servers;
  return names.map((name) => {
    const server = servers.find((candidate) => candidate.name === name);
    if (server) return server;
    throw new Error(`expected one of ${servers.map((each) => each.name).join(', ')}; got "${name}"`);
  });
}

/** Installs what is missing: Debian's packages in one go, then what is built here, side by side. */
export async function install(chosen, say) {
  const missing = chosen.filter((server) => !server.installed());
  if (missing.length === 0) return;
  const packages = missing.flatMap((server) => server.packages).filter((name) => !hasPackage(name));
  await withLock(join(cacheDir, 'install.lock'), async () => {
    if (packages.length > 0) await timed(say, `Debian's ${packages.join(' ')}`, () => installPackages(packages));
    const builds = missing.filter((server) => server.install);
    await Promise.all(builds.map((server) => timed(say, server.name, () => build(server))));
  });
  const still = chosen.filter((server) => !server.installed());
  if (still.length > 0) throw new Error(`not installed after all: ${still.map((server) => server.name).join(', ')}`);
}

async function build(server) {
  for (const [tool, home] of Object.entries(server.tools)) {
    if (!findProgram(tool)) throw new Error(`${server.name} needs ${tool} on the PATH: see ${home}`);
  }
  await server.install();
}

function hasPackage(name) {
  const dpkg = findProgram('dpkg-query');
  if (!dpkg) return false;
  return spawnSync(dpkg, ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' }).stdout === 'installed';
}

async function installPackages(packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!findProgram('apt-get'))
    throw new Error(`install these with your system's package manager: ${packages.join(', ')}`);
  if (process.getuid() !== 0) throw new Error(`this needs root: run "sudo ${command}", then this again`);
  // RUNLEVEL keeps Debian's own instances of these servers from being started.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const lock = ['-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', [...lock, 'update'], { env });
  await run('apt-get', [...lock, 'install', '-y', '--no-install-recommends', ...packages], { env });
}

/**
 * Starts those that do not run yet, side by side, on the ports and with the data they had before.
 * @returns {Promise<{ started: string[], environment: Record<string, string> }>}
 */
export async function start(chosen, say) {
  const results = await Promise.all(chosen.map((server) => startOne(server, say)));
  return {
    started: chosen.filter((_, index) => results[index]).map((server) => server.name),
    environment: environment(chosen),
  };
}

async function startOne(server, say) {
  if (!server.installed()) {
    throw new Error(`${server.name} is not installed: run "node tools/servers/index.mjs install ${server.name}"`);
  }
  if (!server.start) return false;
  const folder = folderOf(server.name);
  return withLock(join(folder, 'lock'), async () => {
    const before = readState(server.name);
    if (runs(server)) return false;
    for (const left of (before.processes ?? []).toReversed()) await end(left, { crash: true });
    const ports = {};
    for (const [name, wanted] of Object.entries(server.ports))
      ports[name] = await portFor(before.ports?.[name], wanted);
    const log = join(folder, 'log');
    const context = { ports, folder, log };
    await timed(say, `${server.name} on 127.0.0.1:${String(Object.values(ports)[0])}`, async () => {
      const processes = await server.start(context);
      writeState(server.name, { ports, processes });
      const dead = () => processes.find((each) => !isAlive(each));
      const up = await until(async () => dead() || (await server.ready(context)), { seconds: 60 });
      if (up !== true) {
        for (const each of processes.toReversed()) await end(each);
        const why = up ? `${up.name} ended` : 'not ready within 60 s';
        throw new Error(`${server.name} did not start: ${why}; the end of ${log}:\n${tail(log)}`);
      }
    });
    return true;
  });
}

/** The port it had before, given a moment to become free again; else a new one. */
async function portFor(former, wanted) {
  if (former !== undefined && (await until(() => isFree(former), { seconds: 3 }))) return former;
  return freePort(wanted);
}

/** Stops them in order, or as a crash would; their ports and data are kept unless `erase` is set. */
export async function stop(chosen, { crash = false, erase = false } = {}, say) {
  await Promise.all(
    chosen
      .filter((server) => server.start && existsSync(join(dataDir, server.name)))
      .map((server) =>
        withLock(join(dataDir, server.name, 'lock'), async () => {
          const { ports, processes = [] } = readState(server.name);
          if (processes.some((each) => isAlive(each))) {
            await timed(say, `${crash ? 'killing' : 'stopping'} ${server.name}`, async () => {
              for (const each of processes.toReversed()) await end(each, { crash });
            });
          }
          if (erase) wipe(server.name);
          else writeState(server.name, { ports, processes: [] });
        }),
      ),
  );
}

/** Whether every process of this server is alive. */
export function runs(server) {
  const { processes = [] } = readState(server.name);
  return processes.length > 0 && processes.every((each) => isAlive(each));
}

/** The variables that lead tests to those of the chosen servers that run (or, like a browser, are just there). */
export function environment(chosen) {
  const usable = chosen.filter((server) => (server.start ? runs(server) : server.installed()));
  return Object.assign({}, ...usable.map((server) => server.environment(readState(server.name))));
}

async function timed(say, what, work) {
  const begun = performance.now();
  say(`${what} ...`);
  const result = await work();
  say(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

function tail(path) {
  return readFileSync(path, 'utf8').split('\n').slice(-15).join('\n');
}
