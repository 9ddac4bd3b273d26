// npm run bench -- fairness: how late the calls of one project start while another has thousands that are due: posted
// meanwhile, and due in the same second. Standalone.
//   [--flood 10000]
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { startStandalone } from './app.mjs';
import { callOf, Client } from './client.mjs';
import { pause, percentile } from './load.mjs';
import { figure, ms, title } from './report.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({ options: { flood: { type: 'string', default: '10000' } } });
const flood = Number(values.flood);
const BATCH = 200;
const FEW = 20;

await prepare();
const upstream = await startUpstream();
try {
  title(`calls of a project beside one that has ${flood} due`);
  await measure(await startStandalone({ WORKER_CONCURRENCY: '50' }));
} finally {
  upstream.stop();
}

async function measure(installation) {
  const [many, few] = [clientOf(installation, 'many'), clientOf(installation, 'few')];
  try {
    await makeProjects(installation);
    for (const client of [many, few]) await client.register(upstream.address);

    const posted = await scheduleAll(many, flood);
    const begun = Date.now();
    const light = [];
    for (let index = 0; index < FEW; index += 1) {
      const at = Date.now();
      light.push({ at, traceId: await few.schedule(`few-${index}`) });
    }
    await report('posted meanwhile', few, light);
    figure('the other project was busy for', ms((await lastStart(many, posted)) - begun));

    const due = Date.now() + 3_000 + flood;
    const timed = await scheduleAll(many, flood, due);
    const own = (await scheduleAll(few, FEW, due)).map((traceId) => ({ at: due, traceId }));
    if (Date.now() > due) throw new Error('Expected all calls to be accepted before they are due.');
    await pause(due - Date.now());
    await report('due in the same second', few, own);
    figure('the other project was busy for', ms((await lastStart(many, timed)) - due));
  } finally {
    await Promise.all([many.close(), few.close()]);
    await installation.stop();
  }
}

async function makeProjects({ address }) {
  const client = new Client(address, 1);
  for (const name of ['many', 'few']) await client.call('POST', '/v1/api/projects', { name });
  await client.close();
}

function clientOf(installation, project) {
  const client = new Client(installation.address, 20);
  client.headers = { ...client.headers, 'x-project': project };
  return client;
}

async function scheduleAll(client, count, at) {
  const traceIds = [];
  for (let sent = 0; sent < count; sent += BATCH) {
    const calls = Array.from({ length: Math.min(BATCH, count - sent) }, (_, index) => {
      return {
        ...callOf(`${sent + index}`),
        ...(at && { run_at: new Date(at).toISOString() }),
        cache: { mode: 'off' },
      };
    });
    traceIds.push(...(await client.scheduleAll(calls)).map((result) => result.trace_id));
  }
  return traceIds;
}

async function report(what, client, calls) {
  const late = await Promise.all(calls.map(async ({ at, traceId }) => (await startOf(client, traceId)) - at));
  late.sort((a, b) => a - b);
  figure(`${what}: late, p50`, ms(percentile(late, 0.5)));
  figure(`${what}: late at most`, ms(late.at(-1)));
}

async function lastStart(client, traceIds) {
  return Math.max(...(await Promise.all(traceIds.slice(-20).map((traceId) => startOf(client, traceId)))));
}

async function startOf(client, traceId) {
  for (;;) {
    const { results } = await client.call('GET', `/v1/api/scheduler/process/${traceId}/attempts`);
    if (results[0]) return Date.parse(results[0].started_at);
    await pause(20);
  }
}
