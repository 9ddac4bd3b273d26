import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppProcess, freePort } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { Marks } from './marks.js';
import { Search } from './search.js';

/** Starts that fail for their configuration, secrets in it, and ones whose servers are not there. */
export async function searchStarts(tell: Tell): Promise<Omit<SuiteReport, 'name'>> {
  const marks = new Marks();
  const search = new Search(marks, 'at a start that fails', tell);
  const folder = await mkdtemp(join(tmpdir(), 'callboard-starts-'));
  try {
    const starts = Object.entries(await wrongConfigurations(marks, folder));
    await Promise.all(
      starts.map(async ([name, wrong]) => {
        const app = await started({ CALLBOARD_DATA_DIR: join(folder, name), ...wrong }, folder);
        const isRunning = await app.ready('/v1/api/ping').then(
          () => true,
          () => false,
        );
        if (isRunning) {
          search.fail(`Expected a start with ${name} to fail, got one that did not,`);
          await app.stop();
        }
        await app.exit();
        search.in(`what a start with ${name} printed`, Buffer.from(app.output));
      }),
    );
    await searchAway(marks, search, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
  return search.report;
}

async function wrongConfigurations(marks: Marks, folder: string): Promise<Record<string, Record<string, string>>> {
  const plant = (place: string) => marks.plant(place, 'configuration');
  const users = join(folder, 'users');
  await writeFile(users, `anna:${plant('a hash that is none')}:reader\n${plant('a line that is none')}\n`);
  const wrong = (scheme: string, whose: string) =>
    `${scheme}://user:${plant(`the password of ${whose}, in a wrong address,`)}@127.0.0.1`;
  return {
    // All of it is told at once.
    'wrong values': {
      API_SCHEDULER_AUTH_PASSWORD: `${plant('a password with a line break')}\n`,
      METRICS_TOKEN: `${plant('a token with another letter')} é`,
      OTEL_EXPORTER_OTLP_HEADERS: plant('headers that are none'),
      OTEL_EXPORTER_OTLP_ENDPOINT: wrong('ftp', 'a collector'),
      MONGODB_URI: wrong('mongodbs', 'a database'),
      RABBITMQ_URL: wrong('http', 'a broker'),
      REDIS_URL: wrong('http', 'a cache'),
      S3_ENDPOINT: wrong('s3', 'a store'),
      S3_SECRET_KEY: plant('a secret key of S3'),
      HTTPS_PROXY: wrong('socks', 'a proxy'),
      API_URL: wrong('ftp', 'an API'),
    },
    'a wrong database': { MONGODB_URI: wrong('mongodbs', 'a database') },
    'a wrong broker': { RABBITMQ_URL: wrong('http', 'a broker') },
    'a wrong key': { CALLBOARD_ENCRYPTION_KEY: plant('a key that is too short') },
    'a wrong users file': { API_USERS_FILE: users },
    'a wrong passphrase': {
      TLS_KEY_PASSPHRASE: plant('a passphrase of no key'),
      TLS_KEY_FILE: users,
      TLS_CERT_FILE: users,
    },
  };
}

/** Each says so, and waits for its servers. */
async function searchAway(marks: Marks, search: Search, folder: string): Promise<void> {
  const plant = (place: string) => marks.plant(`${place} of a server that is away`, 'configuration');
  const env = {
    CALLBOARD_DATA_DIR: join(folder, 'away'),
    CALLBOARD_ENCRYPTION_KEY: '',
    GLOGS_LEVEL: 'trace',
    SHUTDOWN_SECONDS: '1',
    MONGODB_URI: `mongodb://user:${plant('the password of MongoDB')}@127.0.0.1:9/x`,
    RABBITMQ_URL: `amqp://user:${plant('the password of RabbitMQ')}@127.0.0.1:9`,
    REDIS_URL: `redis://user:${plant('the password of Redis')}@127.0.0.1:9`,
    S3_ENDPOINT: 'http://127.0.0.1:9',
    S3_ACCESS_KEY: plant('the access key of S3'),
    S3_SECRET_KEY: plant('the secret key of S3'),
  };
  const app = await started(env, folder);
  await app.ready('/v1/api/ping');
  for (const path of ['health', 'projects']) {
    const headers = { authorization: `Basic ${Buffer.from('admin:admin123').toString('base64')}` };
    const response = await fetch(`${app.address}/v1/api/${path}`, { headers });
    search.in(`the answer to ${path} (${response.status})`, Buffer.from(await response.arrayBuffer()));
  }
  await app.stop();
  search.in('what a process without its servers printed', Buffer.from(app.output));
}

async function started(env: Record<string, string>, folder: string): Promise<AppProcess> {
  const [api, worker, apidoc] = (await Promise.all([freePort(), freePort(), freePort()])).map(String);
  const ports = { API_PORT: api ?? '', WORKER_PORT: worker ?? '', APIDOC_PORT: apidoc ?? '' };
  const all = { GENERATED_CLIENTS_DIR: join(folder, 'clients'), ...ports, ...env };
  return AppProcess.spawn('standalone', all, `http://127.0.0.1:${api ?? ''}`);
}
