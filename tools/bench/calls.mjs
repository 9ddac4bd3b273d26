// npm run bench -- calls: idle latency and throughput of standalone, beside undici alone, all in this one run.
//   [--calls 10000] [--connections 50] [--concurrency 50] [--idle-calls 300]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { prepare } from '../setup.mjs';
import { Client, startStandalone, startUpstream } from './standalone.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '50' },
    concurrency: { type: 'string', default: '50' },
    'idle-calls': { type: 'string', default: '300' },
  },
});
const ASK_EVERY_MS = 20;
const calls = Number(values.calls);
const connections = Number(values.connections);

await prepare();
const upstream = await startUpstream();
try {
  await measureStandalone('5', 'as shipped');
  if (values.concurrency !== '5')
    await measureStandalone(values.concurrency, `WORKER_CONCURRENCY=${values.concurrency}`);
  await measureUndici();
} finally {
  upstream.stop();
}

async function measureStandalone(concurrency, title) {
  const standalone = await startStandalone({ WORKER_CONCURRENCY: concurrency });
  try {
    console.log(`\nstandalone, ${title}`);
    print('ready', `${standalone.readyMs.toFixed(0)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    print('resident, idle', `${residentMiB(standalone.pid)} MiB`);
    const one = new Client(standalone.address, 1);
    await one.register(upstream.address);
    await measureIdle(one);
    await one.close();
    const many = new Client(standalone.address, connections);
    await measureThroughput(many);
    await many.close();
    print('resident, after', `${residentMiB(standalone.pid)} MiB`);
  } finally {
    await standalone.stop();
  }
}

/** One call at a time, from its POST until its SUCCESS is seen. */
async function measureIdle(client) {
  const latencies = [];
  const count = Number(values['idle-calls']);
  for (let i = -20; i < count; i++) {
    const begun = performance.now();
    const traceId = await client.schedule(`idle-${i}`);
    while ((await client.status(traceId)) !== 'SUCCESS');
    // The first few warm up what a running service has warm.
    if (i >= 0) latencies.push(performance.now() - begun);
  }
  latencies.sort((a, b) => a - b);
  const at = (share) => `${latencies[Math.floor(share * (count - 1))].toFixed(1)} ms`;
  print('idle, POST until SUCCESS is seen', `p50 ${at(0.5)}, p99 ${at(0.99)}`);
}

/**
 * Many calls over all connections, from the first POST until the SUCCESS of every one has been seen. Only the oldest
 * are asked after, now and then: asking after all that wait would measure the asking.
 */
async function measureThroughput(client) {
  const waiting = [];
  let posted = 0;
  let ended = 0;
  let pauseUntil = 0;
  const begun = performance.now();
  const connection = async () => {
    while (ended < calls) {
      if (posted < calls) waiting.push(await client.schedule(`load-${posted++}`));
      else if (waiting.length === 0) await pause();
      if (waiting.length === 0) continue;
      if (performance.now() < pauseUntil) {
        if (posted >= calls) await pause();
        continue;
      }
      const traceId = waiting.shift();
      if ((await client.status(traceId)) === 'SUCCESS') ended += 1;
      else {
        waiting.unshift(traceId);
        pauseUntil = performance.now() + ASK_EVERY_MS;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  report(`${calls} calls at ${connections} connections, POST to SUCCESS seen`, begun);
  print('lost', String(posted - ended));
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

/** The same GETs made by undici itself: what nothing that also stores them can reach. */
async function measureUndici() {
  const pool = new Pool(upstream.address, { connections, pipelining: 1 });
  let sent = 0;
  const begun = performance.now();
  const connection = async () => {
    while (sent < calls) {
      const { body } = await pool.request({ method: 'GET', path: `/item/${sent++}` });
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  console.log('\nundici alone');
  report(`${calls} GETs at ${connections} connections`, begun);
  await pool.close();
}

function report(what, begun) {
  const seconds = (performance.now() - begun) / 1_000;
  print(what, `${(calls / seconds).toFixed(0)} a second (${seconds.toFixed(1)} s)`);
}

function print(what, figure) {
  console.log(`  ${what.padEnd(60)} ${figure}`);
}

function residentMiB(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1]) / 1024).toFixed(0);
}
