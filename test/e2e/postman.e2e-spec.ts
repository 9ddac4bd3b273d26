import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startFilmot } from './filmot.js';
import type { Filmot } from './filmot.js';

const require = createRequire(import.meta.url);
const COLLECTION = join(import.meta.dirname, '../../docs/postman/callboard.postman_collection.json');
const NEWMAN = require.resolve('newman/bin/newman.js');

interface Report {
  readonly run: {
    readonly stats: Record<'requests' | 'assertions', { total: number; failed: number }>;
    readonly failures: readonly { source: { name: string }; error: { message: string } }[];
    readonly executions: readonly { item: { name: string } }[];
  };
}

let callboard: Deployment;
let other: Deployment;
let filmot: Filmot;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-postman-'));
  filmot = await startFilmot();
  [callboard, other] = await Promise.all([startStandalone(), startStandalone()]);
}, 60_000);

afterAll(async () => {
  await Promise.all([callboard.stop(), other.stop()]);
  await filmot.stop();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

it('the Postman collection runs from its first request to its last', async () => {
  const { run } = await newman({
    baseUrl: callboard.api,
    username: callboard.username,
    password: callboard.password,
    serviceUrl: filmot.address,
  });
  expect(run.failures.map(({ source, error }) => `${source.name}: ${error.message}`)).toEqual([]);
  expect(run.stats.requests.failed).toBe(0);

  const { item } = JSON.parse(await readFile(COLLECTION, 'utf8')) as { item: { name: string }[] };
  expect([...new Set(run.executions.map((execution) => execution.item.name))]).toEqual(item.map(({ name }) => name));
  expect(run.stats.assertions.total).toBeGreaterThan(2 * item.length);
  expect(filmot.seen.map(({ url }) => url)).toEqual(['/getsearchchannels?term=Science%20Channel']);
}, 60_000);

it("Callboard's own document becomes a client, through which it calls another, and never itself", async () => {
  const client = new CallboardClient(callboard);
  const called = new CallboardClient(other);
  const document = await readFile(join(import.meta.dirname, '../../docs/swagger/openapi.json'), 'utf8');
  const { username, password } = other;
  const headers = { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const spec = await client.register('callboard', document, { url: other.api, headers });
  expect(await client.specEnded(spec)).toMatchObject({ status: 'SUCCESS' });
  const url_params = { trace_id: await called.register('callboard', document) };
  await called.specEnded(url_params.trace_id);

  const ask = (service: string) => client.schedule(service, 'GET', '/v1/api/spec/{trace_id}/status', { url_params });
  const call = await ask('callboard');
  expect(await client.processEnded(call)).toMatchObject({ status: 'SUCCESS' });
  expect(JSON.parse(String((await client.response(call)).body))).toMatchObject({ status: 'SUCCESS' });

  const itself = await client.register('itself', document, { url: callboard.api, headers });
  await client.specEnded(itself);
  expect(await client.processEnded(await ask('itself'))).toMatchObject({
    status: 'ERROR',
    error: expect.stringContaining('it is Callboard itself'),
  });
}, 60_000);

/** Runs the collection as a command line does, and returns its report. */
async function newman(variables: Record<string, string>): Promise<Report> {
  const report = join(folder, 'report.json');
  const given = Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]);
  const args = ['run', COLLECTION, ...given, '--reporters', 'json', '--reporter-json-export', report];
  // It ends with another code than 0 when an assertion fails; the report tells which.
  await promisify(execFile)(process.execPath, [NEWMAN, ...args]).catch((error: unknown) => {
    if (!(error as { code?: unknown }).code) throw error;
  });
  return JSON.parse(await readFile(report, 'utf8')) as Report;
}
