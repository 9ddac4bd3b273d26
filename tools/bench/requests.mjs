// npm run bench -- requests: the CPU time that each kind of request takes of standalone, at load.
//   [--requests 10000] [--connections 50] [--rounds 3]
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { cpuOfWork, startStandalone } from './app.mjs';
import { callOf, Client } from './client.mjs';
import { median, throughput } from './load.mjs';
import { figure, title } from './report.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});
const [requests, connections, rounds] = ['requests', 'connections', 'rounds'].map((name) => Number(values[name]));
const WITHOUT_LOG = { GLOGS_LEVEL: 'fatal' };
const PING = ['GET', '/v1/api/ping'];

await prepare();
const upstream = await startUpstream();
const started = [upstream];
try {
  const logging = await open({});
  const silent = await open(WITHOUT_LOG);
  const traceId = await endedCall(logging.client);
  title(`CPU time of standalone a request, ${requests} over ${connections} connections, median of ${rounds} rounds`);
  await measure('a ping, without a log', silent, () => silent.client.call(...PING));
  await measure('a ping', logging, () => logging.client.call(...PING));
  await measure('the status of a process', logging, () => logging.client.ended(traceId));
  await measure('a call that is to start later', logging, (id) =>
    logging.client.call('POST', '/v1/api/scheduler/process', { ...callOf(id), delay: 86_400 }),
  );
  await print('a whole call: its POST, its work, its status', logging, (tag) =>
    throughput(logging.client, { calls: requests, connections, tag }),
  );
} finally {
  for (const each of started.reverse()) await each.stop();
}

async function open(env) {
  const app = await startStandalone({ WORKER_CONCURRENCY: String(connections), ...env });
  started.push(app);
  const client = new Client(app.address, connections);
  await client.register(upstream.address);
  started.push({ stop: () => client.close() });
  return { pid: app.pid, client };
}

async function endedCall(client) {
  const traceId = await client.schedule('ended');
  while (!(await client.ended(traceId)));
  return traceId;
}

function measure(what, app, ask) {
  return print(what, app, async (tag) => {
    let asked = 0;
    const connection = async () => {
      while (asked < requests) await ask(`${tag}-${asked++}`);
    };
    await Promise.all(Array.from({ length: connections }, connection));
  });
}

async function print(what, { pid }, load) {
  await load('warm');
  const used = [];
  for (let round = 0; round < rounds; round += 1) {
    used.push(await cpuOfWork(pid, () => load(`round-${round}`)));
  }
  const share = (which) => Math.round((median(used.map((each) => each[which])) / requests) * 1e6);
  figure(what, `${share('all')} µs, main thread ${share('main')} µs`);
}
