/**
 * How fast the embedded store is: insert, claim, read and complete with a 1 KB response, by callers that each wait for
 * one step before the next; then each step alone, idle. Needs a build.
 *
 *   npm run bench -- store [--processes 20000] [--concurrency 50] [--ended 1000000] [--folder DIR]
 *
 * `--ended` first fills the store with that many ended processes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStores } from '../../dist/libs/adapters/store/sqlite/index.js';
import { newTraceId } from '../../dist/libs/core/index.js';
import { fillWithEnded } from './ended.mjs';

const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '20000' },
    concurrency: { type: 'string', default: '50' },
    ended: { type: 'string', default: '0' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const processes = Number(values.processes);
const concurrency = Number(values.concurrency);
const ended = Number(values.ended);

const clock = { now: () => Date.now() };
const steps = ['Received in the API', 'Received in the worker', 'Executed command successfully'];
const body = { inline: Buffer.alloc(1024, 'x'), bytes: 1024 };
const response = { status: 200, headers: [['content-type', 'application/json']], body, cache: 'MISS' };

const folder = await mkdtemp(join(values.folder, 'callboard-bench-'));
try {
  await (await openSqliteStores({ folder, clock })).close();
  if (ended > 0) fillWithEnded(folder, ended);
  const opening = performance.now();
  const stores = await openSqliteStores({ folder, clock });
  console.log(`opened with ${ended} ended processes in ${since(opening)} ms`);

  await Promise.all(Array.from({ length: concurrency }, () => run(stores.processes)));
  const start = performance.now();
  const before = process.cpuUsage();
  let left = processes;
  const caller = async () => {
    while (left-- > 0) await run(stores.processes);
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpu = Math.round((user + system) / processes);
  console.log(`${Math.round(processes / seconds)} processes a second, ${concurrency} at a time, ${cpu} µs of CPU each`);

  const idle = { insert: [], claim: [], find: [], complete: [] };
  for (let turn = 0; turn < 300; turn += 1) await run(stores.processes, idle);
  for (const [step, times] of Object.entries(idle)) {
    times.sort((a, b) => a - b);
    console.log(`idle ${step}: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`);
  }
  console.log(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`);
  await stores.close();
} finally {
  await rm(folder, { recursive: true });
}

async function run(store, times) {
  const now = clock.now();
  const traceId = newTraceId();
  const timed = async (step, action) => {
    const start = performance.now();
    const result = await action();
    times?.[step].push(performance.now() - start);
    return result;
  };
  await timed('insert', () => store.insert(sample(traceId, now)));
  const lease = { owner: 'bench', until: now + 60_000 };
  const { attempt } = await timed('claim', () => store.claim(traceId, lease, steps.slice(0, 2), now));
  await timed('find', () => store.find('default', traceId));
  const done = await timed('complete', () =>
    store.complete({ traceId, attempt }, { status: 'SUCCESS', response }, steps, now),
  );
  if (!done) throw new Error(`Expected ${traceId} to be completed once.`);
}

function sample(traceId, now) {
  return {
    ...{ traceId, project: 'default', kind: 'call', specTraceId: 'SpecSpecSpecSpec', service: 'filmot' },
    ...{ method: 'GET', endpoint: '/getsearchchannels', headers: null, queryParams: { term: 'Science Channel' } },
    ...{ urlParams: null, reqBody: null, status: 'WAITING', steps: steps.slice(0, 1) },
    ...{ createdAt: now, updatedAt: now, dueAt: now, attempt: 0 },
  };
}

function since(start) {
  return Math.round(performance.now() - start);
}

function percentile(sorted, share) {
  return sorted[Math.floor(sorted.length * share)].toFixed(2);
}
