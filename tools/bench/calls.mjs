// npm run bench -- calls: throughput of standalone beside what a team would write itself (Fastify, BullMQ, Redis, undici
// in one process), a binary started for each call, and what there is of HTTP in it, in turns; then its latency when idle.
//   [--calls 10000] [--connections 50] [--concurrency 50] [--rounds 3] [--idle-calls 300]
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { prepare } from '../setup.mjs';
import { cpuOfWork, residentMiB, startStandalone } from './app.mjs';
import { startBare } from './bare/start.mjs';
import { startBinary } from './binary/start.mjs';
import { startBullmq } from './bullmq/start.mjs';
import { Client } from './client.mjs';
import { latencies, median, percentile, throughput } from './load.mjs';
import { bar, figure, ms, perSecond, skipped, title } from './report.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '50' },
    concurrency: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    'idle-calls': { type: 'string', default: '300' },
  },
});
const [calls, connections, concurrency, rounds] = ['calls', 'connections', 'concurrency', 'rounds'].map((name) =>
  Number(values[name]),
);
/** Of the binary, which is so slow that fewer tell as much. */
const BINARY_CALLS = 500;

await prepare();
const upstream = await startUpstream();
const started = [upstream];
try {
  const standalone = await startStandalone({ WORKER_CONCURRENCY: String(concurrency) });
  started.push(standalone);
  const bullmq = await startBullmq(upstream.address, { connections, concurrency });
  const binary = await startBinary(upstream.address);
  const bare = await startBare(upstream.address, { connections, concurrency });
  for (const rival of [bullmq, binary, bare]) if (rival.stop) started.push(rival);
  await measureThroughput(standalone, bullmq, binary, bare);
  const shipped = await startStandalone();
  started.push(shipped);
  await measureIdle(shipped);
} finally {
  for (const each of started.reverse()) await each.stop();
}

async function measureThroughput(standalone, bullmq, binary, bare) {
  const client = new Client(standalone.address, connections);
  await client.register(upstream.address);
  const load = { calls, connections };
  // Each runs warm, as a service does that has been up for a minute.
  await throughput(client, { ...load, tag: 'warm' });
  if (!bullmq.skipped) await throughput(bullmq, { ...load, tag: 'warm' });
  await throughput(bare, { ...load, tag: 'warm' });
  const results = { callboard: [], bullmq: [], binary: [], bare: [], undici: [] };
  const cpu = { callboard: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    const tag = `round-${round}`;
    const used = await cpuOfWork(standalone.pid, async () =>
      results.callboard.push(await throughput(client, { ...load, tag })),
    );
    cpu.callboard.push(used);
    if (!bullmq.skipped) results.bullmq.push(await throughput(bullmq, { ...load, tag }));
    if (!binary.skipped) results.binary.push(await binaryRate(binary));
    cpu.bare.push(await cpuOfWork(bare.pid, async () => results.bare.push(await throughput(bare, { ...load, tag }))));
    results.undici.push(await undiciRate());
  }
  await client.close();

  title(
    `${calls} calls of a 1 KB GET, ${connections} connections, concurrency ${concurrency}, median of ${rounds} rounds`,
  );
  const own = median(results.callboard);
  figure('standalone, POST to SUCCESS seen', `${perSecond(own)} (${results.callboard.map(Math.round).join(', ')})`);
  const share = (used, which) => `${Math.round((median(used.map((each) => each[which])) / calls) * 1e6)} µs`;
  figure('its CPU time a call: all, main thread', `${share(cpu.callboard, 'all')}, ${share(cpu.callboard, 'main')}`);
  figure('its resident memory afterwards', `${residentMiB(standalone.pid)} MiB`);
  compare('Fastify + BullMQ + Redis + undici', bullmq, own, results.bullmq, results.callboard, 1.5);
  compare('a binary started for each call', binary, own, results.binary, results.callboard, 10);
  figure('Fastify and undici that keep nothing', perSecond(median(results.bare)));
  figure('their CPU time a call', share(cpu.bare, 'all'));
  figure('undici alone', perSecond(median(results.undici)));
}

/** By the ratios of the rounds, since this machine's speed drifts. */
function compare(name, rival, own, theirs, ours, wanted) {
  if (rival.skipped) {
    skipped(name, rival.skipped);
    return;
  }
  figure(name, `${perSecond(median(theirs))} (${theirs.map(Math.round).join(', ')})`);
  const ratio = median(theirs.map((rate, round) => ours[round] / rate));
  bar(`standalone beside it`, `${ratio.toFixed(2)}×`, ratio >= wanted, `at least ${wanted}×`);
}

async function binaryRate(binary) {
  let made = 0;
  const begun = performance.now();
  const lane = async () => {
    while (made < BINARY_CALLS) await binary.call(`binary-${made++}`);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return BINARY_CALLS / ((performance.now() - begun) / 1_000);
}

/** The same GETs by undici itself: what nothing that also stores them can reach. */
async function undiciRate() {
  const pool = new Pool(upstream.address, { connections, pipelining: 1 });
  let sent = 0;
  const begun = performance.now();
  const lane = async () => {
    while (sent < calls) {
      const { body } = await pool.request({ method: 'GET', path: `/item/${sent++}` });
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - begun) / 1_000;
  await pool.close();
  return calls / seconds;
}

async function measureIdle(standalone) {
  title('standalone as shipped, idle');
  figure('ready', `${standalone.readyMs.toFixed(0)} ms`);
  figure('resident', `${residentMiB(standalone.pid)} MiB`);
  const client = new Client(standalone.address, 1);
  await client.register(upstream.address);
  const times = await latencies(client, { calls: Number(values['idle-calls']) });
  await client.close();
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  bar('POST until SUCCESS is seen, p50', ms(p50), p50 <= 5, 'at most 5 ms');
  bar('POST until SUCCESS is seen, p99', ms(p99), p99 <= 20, 'at most 20 ms');
}
