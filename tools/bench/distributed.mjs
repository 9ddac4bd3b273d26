// npm run bench -- distributed: an API and workers on RabbitMQ, Redis, MongoDB and S3: latency when idle, what three
// workers do beside one, and how many commands of MongoDB a process costs under load.
//   [--calls 600] [--delay-ms 50] [--rounds 3] [--idle-calls 200]
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { startDistributed } from './app.mjs';
import { Client } from './client.mjs';
import { latencies, median, percentile, throughput } from './load.mjs';
import { countCommands } from './mongodb-commands.mjs';
import { bar, figure, ms, perSecond, skipped, title } from './report.mjs';
import { NO_SERVERS, realServers } from './servers.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '600' },
    'delay-ms': { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    'idle-calls': { type: 'string', default: '200' },
  },
});
/** The database of the tests bears no more at once. */
const connections = 20;

await prepare();
const servers = realServers();
if (servers) {
  await measureIdle();
  await measureWorkers();
  await measureCommands();
} else {
  title('distributed');
  skipped('all of it', NO_SERVERS);
}

async function withDeployment(options, upstreamEnv, measure) {
  const upstream = await startUpstream(upstreamEnv);
  const deployment = await startDistributed(options.servers ?? servers, options);
  const client = new Client(deployment.address, options.connections ?? connections);
  try {
    await client.register(upstream.address);
    return await measure(client);
  } finally {
    await client.close();
    await deployment.stop();
    upstream.stop();
  }
}

async function measureIdle() {
  title('an API and a worker on servers, idle');
  const times = await withDeployment({ workers: 1, connections: 1 }, {}, (client) =>
    latencies(client, { calls: Number(values['idle-calls']) }),
  );
  const p50 = percentile(times, 0.5);
  bar('POST until SUCCESS is seen, p50', ms(p50), p50 <= 15, 'at most 15 ms');
  figure('POST until SUCCESS is seen, p99', ms(percentile(times, 0.99)));
}

/** One call at a time for each, so that the slow service bounds the workers, and not the database of the tests. */
async function measureWorkers() {
  const delayMs = Number(values['delay-ms']);
  title(`workers against a service that takes ${delayMs} ms`);
  const rates = { 1: [], 3: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const workers of [1, 3]) {
      // As long for both.
      const load = { calls: (Number(values.calls) / 6) * workers, connections: 4 * workers };
      const env = { WORKER_CONCURRENCY: '1' };
      const measure = (client) => throughput(client, load);
      rates[workers].push(await withDeployment({ workers, env }, { DELAY_MS: String(delayMs) }, measure));
    }
  }
  const ratio = median(rates[3].map((rate, round) => rate / rates[1][round]));
  figure('1 worker', perSecond(median(rates[1])));
  figure('3 workers', perSecond(median(rates[3])));
  bar('3 workers beside 1', `${ratio.toFixed(2)}×`, ratio >= 2.7, 'at least 2.7×');
}

async function measureCommands() {
  title('commands of MongoDB under load');
  const counted = await countCommands(servers.MONGODB_URI);
  const calls = Number(values.calls);
  const env = { WORKER_CONCURRENCY: '50' };
  try {
    const own = { ...servers, MONGODB_URI: counted.uri };
    await withDeployment({ servers: own, workers: 1, env }, {}, async (client) => {
      await throughput(client, { calls: 200, connections, tag: 'warm' });
      counted.reset();
      // Seen by the list, not by a status each, which would cost a command of its own.
      await allEnded(client, calls);
      const { processes, others } = counted.commands();
      const each = processes / calls;
      bar('commands about processes, for each', each.toFixed(2), each <= 1, 'at most 1');
      figure('commands about anything else, logs included, for each', (others / calls).toFixed(2));
    });
  } finally {
    counted.close();
  }
}

async function allEnded(client, calls) {
  let posted = 0;
  const connection = async () => {
    while (posted < calls) await client.schedule(`count-${posted++}`);
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const open = async (status) => {
    const { count } = await client.call('GET', `/v1/api/scheduler/processes?status=${status}&limit=1`);
    return count;
  };
  while ((await open('WAITING')) + (await open('IN_PROGRESS')) > 0) await new Promise((go) => setTimeout(go, 250));
}
