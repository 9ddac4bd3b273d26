// npm run bench -- late: how late calls start that were asked to start at a time, while as many come due as half of what
// the installation bears; standalone, and an API and a worker on servers.
//   [--seconds 10] [--probe 2000] [--distributed-probe 300]
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { startDistributed, startStandalone } from './app.mjs';
import { callOf, Client } from './client.mjs';
import { pause, percentile, throughput } from './load.mjs';
import { bar, figure, ms, perSecond, skipped, title } from './report.mjs';
import { NO_SERVERS, realServers } from './servers.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    probe: { type: 'string', default: '2000' },
    'distributed-probe': { type: 'string', default: '300' },
  },
});
const seconds = Number(values.seconds);
const connections = 20;
const BATCH = 1_000;

await prepare();
const upstream = await startUpstream();
const env = { WORKER_CONCURRENCY: '50' };
try {
  title('lateness of calls that were asked to start at a time, standalone');
  await measure(await startStandalone(env), Number(values.probe), 100);
  title('lateness of calls that were asked to start at a time, an API and a worker on servers');
  const servers = realServers();
  if (servers) await measure(await startDistributed(servers, { env }), Number(values['distributed-probe']), 500);
  else skipped('all of it', NO_SERVERS);
} finally {
  upstream.stop();
}

async function measure(installation, probe, mostMs) {
  const client = new Client(installation.address, connections);
  try {
    await client.register(upstream.address);
    await throughput(client, { calls: probe, connections, tag: 'warm' });
    const rate = (await throughput(client, { calls: probe, connections, tag: 'probe' })) / 2;
    figure('calls that come due', perSecond(rate));
    const late = await lateness(client, Math.round(rate * seconds));
    const p99 = percentile(late, 0.99);
    figure('late, p50', ms(percentile(late, 0.5)));
    bar('late, p99', ms(p99), p99 <= mostMs, `at most ${mostMs} ms`);
  } finally {
    await client.close();
    await installation.stop();
  }
}

/** From when each was to start until its call was begun, in milliseconds, sorted. */
async function lateness(client, count) {
  // Late enough that all are accepted by then.
  const start = Date.now() + 3_000 + count * 2;
  const due = Array.from({ length: count }, (_, index) => start + Math.round((index * seconds * 1_000) / count));
  const traceIds = [];
  for (let sent = 0; sent < count; sent += BATCH) {
    const calls = due.slice(sent, sent + BATCH).map((at, index) => {
      return { ...callOf(`late-${sent + index}`), run_at: new Date(at).toISOString() };
    });
    traceIds.push(...(await client.scheduleAll(calls)).map((result) => result.trace_id));
  }
  if (Date.now() > start) throw new Error('Expected all calls to be accepted before the first is due.');
  await pause(due.at(-1) - Date.now());
  const late = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      let first;
      while (!first) {
        const { results } = await client.call('GET', `/v1/api/scheduler/process/${traceIds[index]}/attempts`);
        [first] = results;
      }
      late.push(Date.parse(first.started_at) - due[index]);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return late.sort((a, b) => a - b);
}
