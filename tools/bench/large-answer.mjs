// npm run bench -- large-answer: how much memory standalone takes for a very large answer, on its way in from the
// service and on its way out to the caller, over HTTP/1.1, HTTP/2 and from under a content coding.
//   [--bytes 1073741824] [--limit-mib 200]
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { prepare } from '../setup.mjs';
import { startStandalone } from './app.mjs';
import { Client } from './client.mjs';

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: String(1024 ** 3) },
    'limit-mib': { type: 'string', default: '200' },
  },
});
const bytes = Number(values.bytes);
const BLOCK = Buffer.alloc(64 * 1024, (_, index) => index);
const SAMPLE_EVERY_MS = 25;

if (process.send) await serve();
else await measure();

/** The service, in a process of its own: so many bytes at /plain and /gzip. */
async function serve() {
  const { key, cert } = await once(process, 'message').then(([message]) => message);
  const answer = (request, response) => {
    response.on('error', () => undefined);
    const gzip = request.url.endsWith('/gzip');
    response.writeHead(200, { 'cache-control': 'no-store', ...(gzip && { 'content-encoding': 'gzip' }) });
    const source = Readable.from(blocks(), { objectMode: false });
    void pipeline(gzip ? [source, createGzip({ level: 1 }), response] : [source, response]).catch(() => undefined);
  };
  const servers = [createServer(answer), createSecureServer({ key, cert }, answer)];
  const ports = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push(server.address().port);
  }
  process.send(ports);
  process.once('disconnect', () => process.exit());
}

function* blocks() {
  for (let left = bytes; left > 0; left -= BLOCK.length) yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
}

async function measure() {
  await prepare();
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  const upstream = fork(import.meta.filename, process.argv.slice(2));
  const { key, cert } = certificate();
  const trusted = join(folder, 'ca.pem');
  await writeFile(trusted, cert);
  upstream.send({ key, cert });
  const [[http1, http2]] = await once(upstream, 'message');
  const standalone = await startStandalone({ NODE_EXTRA_CA_CERTS: trusted });
  const client = new Client(standalone.address, 2);
  try {
    const wanted = digestOf(blocks());
    for (const [title, url, id] of [
      ['HTTP/1.1', `http://127.0.0.1:${http1}`, 'plain'],
      ['HTTP/1.1, gzip', `http://127.0.0.1:${http1}`, 'gzip'],
      ['HTTP/2', `https://127.0.0.1:${http2}`, 'plain'],
    ]) {
      const service = title.toLowerCase().replace(/\W+/g, '-');
      await register(client, service, url, id);
      await one(client, standalone, title, { service, method: 'GET', endpoint: `/${id}` }, wanted);
    }
  } finally {
    await client.close();
    await standalone.stop();
    upstream.kill();
    await rm(folder, { recursive: true });
  }
}

async function register(client, name, url, id) {
  const operation = { get: { responses: { 200: { description: 'OK' } } } };
  const info = { title: name, version: '1' };
  const document = { openapi: '3.0.3', info, servers: [{ url }], paths: { [`/${id}`]: operation } };
  const spec = Buffer.from(JSON.stringify(document)).toString('base64');
  const { trace_id: traceId } = await client.call('POST', '/v1/api/spec', { name, headers: {}, spec });
  await ended(client, `/v1/api/spec/${traceId}/status`);
}

/** One answer in and out again, and the most memory that was resident on the way. */
async function one(client, { pid }, title, call, wanted) {
  const before = residentMiB(pid);
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, residentMiB(pid));
  }, SAMPLE_EVERY_MS);
  const begun = performance.now();
  const { trace_id: traceId } = await client.call('POST', '/v1/api/scheduler/process', call);
  await ended(client, `/v1/api/scheduler/process/${traceId}/status`);
  const taken = performance.now();
  const mostIn = most;
  const { statusCode, body } = await client.pool.request({
    method: 'GET',
    path: `/v1/api/scheduler/process/${traceId}/response`,
    headers: client.headers,
  });
  const digest = createHash('sha256');
  for await (const chunk of body) digest.update(chunk);
  const given = performance.now();
  clearInterval(sampler);
  const isIntact = statusCode === 200 && digest.digest('hex') === wanted;
  const limit = Number(values['limit-mib']);
  console.log(
    `${title}: ${(bytes / 1024 ** 2).toFixed(0)} MiB in ${seconds(begun, taken)} s and out in ${seconds(taken, given)} s, ` +
      `resident ${before.toFixed(0)} MiB before, at most ${mostIn.toFixed(0)} in and ${most.toFixed(0)} at all ` +
      `(limit ${limit}: ${most <= limit ? 'held' : 'EXCEEDED'}), bytes ${isIntact ? 'intact' : 'CHANGED'}`,
  );
  if (most > limit || !isIntact) process.exitCode = 1;
}

async function ended(client, path) {
  for (;;) {
    const { status, error } = await client.call('GET', path);
    if (status === 'SUCCESS') return;
    if (status === 'ERROR') throw new Error(error);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function digestOf(chunks) {
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest('hex');
}

/** The certificate that the tests of HTTP/2 have. */
function certificate() {
  const kit = join(import.meta.dirname, '../../libs/client-runtime/http/http2.test-kit.ts');
  const [key, cert] = readFileSync(kit, 'utf8').match(/-----BEGIN [\s\S]+?-----END [A-Z ]+-----/g);
  return { key, cert };
}

function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function seconds(from, to) {
  return ((to - from) / 1_000).toFixed(1);
}
