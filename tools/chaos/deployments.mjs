import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { anyFreePort } from '../servers/host.mjs';
import { App } from './app.mjs';
import { Servers } from './servers.mjs';

/** Short, so that what a dead worker held comes round soon; FerretDB may take 3 to answer for a renewal. */
export const LEASE_SECONDS = 6;
const WORKERS = 2;
/** For how long Callboard keeps an idempotency key. */
const KEY_KEPT_MS = 24 * 60 * 60 * 1_000;
const credentials = { API_SCHEDULER_AUTH_USERNAME: 'chaos', API_SCHEDULER_AUTH_PASSWORD: 'chaos-password' };
export const authorization = `Basic ${Buffer.from('chaos:chaos-password').toString('base64')}`;

/** Starts the service that is called. */
export async function startUpstream(onEnd, latencyMs = [5, 50]) {
  const child = fork(join(import.meta.dirname, 'upstream.mjs'), latencyMs.map(String));
  onEnd(async () => void child.kill());
  const [{ port }] = await once(child, 'message');
  const told = async (what) => {
    const answered = once(child, 'message');
    child.send(what);
    return (await answered)[0];
  };
  return {
    address: `http://127.0.0.1:${port}`,
    /** What it was asked so far: a Map from method and id to `{requests, acted}`. */
    tally: async () => new Map((await told('tally')).asked),
    /** How many requests it has acted on. */
    served: async () => (await told('served')).served,
  };
}

/** A folder that goes when the run ends well; else it stays, with its logs. */
export async function workFolder(onEnd, keep) {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-chaos-'));
  onEnd(async () => {
    if (!keep()) await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/**
 * Everything in one process on embedded backends.
 * @param {object} options
 * @param {string} options.folder for its data and log
 * @param {string} [options.dataDir] where its data lie, when not there
 * @param {string[]} [options.nodeArgs]
 * @param {Record<string, string>} [options.env]
 */
export async function standalone({ onEnd, onDeath }, { folder, dataDir = join(folder, 'data'), nodeArgs, env }) {
  const [api, worker, apidoc] = await Promise.all([anyFreePort(), anyFreePort(), anyFreePort()]);
  const address = `http://127.0.0.1:${api}`;
  const app = new App('standalone', {
    env: {
      ...credentials,
      API_PORT: String(api),
      WORKER_PORT: String(worker),
      APIDOC_PORT: String(apidoc),
      CALLBOARD_DATA_DIR: dataDir,
      GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
      LEASE_SECONDS: String(LEASE_SECONDS),
      RECONCILE_SECONDS: '1',
      ...env,
    },
    log: join(folder, 'standalone.log'),
    ping: `${address}/v1/api/ping`,
    nodeArgs,
    onDeath,
  });
  onEnd(() => app.stop());
  await app.start();
  return { name: 'standalone', address, app };
}

/**
 * Removes what has been judged from the database: FerretDB, which has no index to read by, looks through all that there
 * is some hundred times a second.
 */
function forgetting(uri) {
  const judged = new Set();
  return async (traceIds) => {
    for (const traceId of traceIds) judged.add(traceId);
    const ids = { $in: [...judged] };
    if (await isRemoved(uri, { _id: ids }, { traceId: ids })) judged.clear();
  };
}

/** The same for what ended before a time, whoever judges it. */
function forgettingEnded(uri) {
  return (before) => {
    const ended = { status: { $in: ['SUCCESS', 'ERROR', 'CANCELLED'] }, updatedAt: { $lt: new Date(before) } };
    return isRemoved(uri, ended, { expiresAt: { $lt: new Date(before + KEY_KEPT_MS) } });
  };
}

/** @returns false where the database did not answer: it may have been killed just now; they go with the next ones. */
async function isRemoved(uri, processes, keys) {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 1_000, socketTimeoutMS: 10_000 });
  try {
    await client.db().collection('processes').deleteMany(processes);
    await client.db().collection('idempotency').deleteMany(keys);
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/**
 * An API and workers as processes of their own, on real servers of this run.
 * @param {object} options
 * @param {string} options.folder for its logs
 * @param {string} [options.database] the server of the MongoDB protocol: `mongodb`, unless said
 * @param {Record<string, string>} [options.env]
 */
export async function distributed({ onEnd, onDeath }, { folder, database = 'mongodb', env: ownEnv }) {
  const servers = await Servers.start(onEnd, database);
  const name = `chaos-${randomUUID().slice(0, 8)}`;
  const mongodb = new URL(servers.env.MONGODB_URI);
  mongodb.pathname = `/${name}`;
  const env = {
    ...credentials,
    ...servers.env,
    MONGODB_URI: mongodb.href,
    S3_BUCKET: name,
    RABBITMQ_PREFIX: name,
    CALLBOARD_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    LEASE_SECONDS: String(LEASE_SECONDS),
    RECONCILE_SECONDS: '1',
    // FerretDB does about a thousand operations a second: they are for the calls.
    GLOGS_INSERT_MONGODB: 'false',
    CALLBOARD_DATA_DIR: join(folder, 'data'),
    GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
    ...ownEnv,
  };
  mkdirSync(env.CALLBOARD_DATA_DIR, { recursive: true });
  const port = await anyFreePort();
  const address = `http://127.0.0.1:${port}`;
  const api = new App('api', {
    env: { ...env, API_PORT: String(port) },
    log: join(folder, 'api.log'),
    ping: `${address}/v1/api/ping`,
    onDeath,
  });
  const workers = [];
  for (let index = 0; index < WORKERS; index += 1) {
    const workerPort = await anyFreePort();
    const ping = `http://127.0.0.1:${workerPort}/v1/worker/ping`;
    const log = join(folder, `worker-${index}.log`);
    workers.push(new App('worker', { env: { ...env, WORKER_PORT: String(workerPort) }, log, ping, onDeath }));
  }
  const apps = [api, ...workers];
  onEnd(async () => void (await Promise.all(apps.map((app) => app.stop()))));
  await Promise.all(apps.map((app) => app.start()));
  return {
    name: 'distributed',
    database,
    address,
    api,
    workers,
    servers,
    forget: forgetting(mongodb.href),
    forgetEnded: forgettingEnded(mongodb.href),
  };
}
