// npm run bench -- many: standalone with much in its database: a million ended processes beside a thousand, 100,000 that
// wait, a thousand equal calls at once.
//   [--few 1000] [--many 1000000] [--calls 10000] [--rounds 3] [--waiting 100000] [--equal 1000]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { residentMiB, startStandalone } from './app.mjs';
import { callOf, Client } from './client.mjs';
import { fillWithEnded } from './ended.mjs';
import { median, percentile, throughput } from './load.mjs';
import { bar, figure, ms, perSecond, title } from './report.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '1000000' },
    calls: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    waiting: { type: 'string', default: '100000' },
    equal: { type: 'string', default: '1000' },
  },
});
const [few, many, calls, rounds, waiting, equal] = ['few', 'many', 'calls', 'rounds', 'waiting', 'equal'].map((name) =>
  Number(values[name]),
);
const connections = 50;
const BATCH = 1_000;
const LIST_ROUNDS = 100;

await prepare();
const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
const upstream = await startUpstream();
try {
  await measureEnded();
  await measureWaiting();
} finally {
  upstream.stop();
  await rm(folder, { recursive: true, force: true });
}
await measureEqual();

/** Both run all the time, and are asked in turns. */
async function measureEnded() {
  title(`${calls} calls with ${few} and with ${many} ended processes stored, in ${rounds} rounds`);
  const sides = [];
  try {
    for (const count of [few, many]) sides.push(await filled(count));
    for (const { client } of sides) await throughput(client, { calls: calls / 4, connections, tag: 'warm' });
    for (let round = 0; round < rounds; round += 1) {
      for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
        side.rates.push(await throughput(side.client, { calls, connections, tag: `round-${round}` }));
      }
    }
    for (let round = 0; round < LIST_ROUNDS; round += 1) {
      for (const side of sides) side.lists.push(await listed(side.client));
    }
    const [less, more] = sides;
    figure(`with ${few}`, perSecond(median(less.rates)));
    figure(`with ${many}`, perSecond(median(more.rates)));
    const ratio = median(more.rates.map((rate, round) => rate / less.rates[round]));
    bar('the one beside the other', `${ratio.toFixed(2)}×`, ratio >= 0.8, 'at least 0.8×');
    const p50 = sides.map(({ lists }) =>
      percentile(
        lists.sort((a, b) => a - b),
        0.5,
      ),
    );
    const slower = p50[1] / p50[0];
    bar(
      'a page of 100 processes, p50',
      `${p50.map(ms).join(', ')}: ${slower.toFixed(2)}×`,
      slower <= 1.2,
      'at most 1.2×',
    );
  } finally {
    for (const { client, standalone } of sides) {
      await client.close();
      await standalone.stop();
    }
  }
}

async function filled(count) {
  const own = join(folder, String(count));
  const env = { WORKER_CONCURRENCY: '50' };
  // The schema is made by the first start.
  await (await startStandalone(env, { folder: own })).stop();
  fillWithEnded(join(own, 'data'), count);
  const standalone = await startStandalone(env, { folder: own });
  const client = new Client(standalone.address, connections);
  await client.register(upstream.address);
  return { standalone, client, rates: [], lists: [] };
}

async function listed(client) {
  const begun = performance.now();
  await client.call('GET', '/v1/api/scheduler/processes?limit=100');
  return performance.now() - begun;
}

async function measureWaiting() {
  title(`${waiting} processes that wait`);
  const own = join(folder, 'waiting');
  let standalone = await startStandalone({}, { folder: own });
  const client = new Client(standalone.address, 4);
  await client.register(upstream.address);
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  for (let sent = 0; sent < waiting; sent += BATCH) {
    await client.scheduleAll(Array.from({ length: BATCH }, (_, i) => ({ ...callOf(`${sent + i}`), run_at: runAt })));
  }
  await client.close();
  const afterwards = residentMiB(standalone.pid);
  bar('resident, once they are accepted', `${afterwards} MiB`, afterwards <= 300, 'at most 300 MiB');
  await standalone.stop();
  standalone = await startStandalone({}, { folder: own });
  bar('ready again', `${standalone.readyMs.toFixed(0)} ms`, standalone.readyMs <= 3_000, 'at most 3 s');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const resident = residentMiB(standalone.pid);
  bar('resident, started with them', `${resident} MiB`, resident <= 300, 'at most 300 MiB');
  await standalone.stop();
}

async function measureEqual() {
  title(`${equal} equal calls at once`);
  const service = await startUpstream({ DELAY_MS: '200', CACHEABLE: '1' });
  const standalone = await startStandalone({ WORKER_CONCURRENCY: '50' });
  const client = new Client(standalone.address, connections);
  try {
    await client.register(service.address);
    const handles = await Promise.all(Array.from({ length: equal }, () => client.schedule('the same')));
    for (const handle of handles) while (!(await client.ended(handle)));
    const requests = await service.requests();
    bar('requests that the service had', String(requests), requests === 1, '1');
  } finally {
    await client.close();
    await standalone.stop();
    service.stop();
  }
}
