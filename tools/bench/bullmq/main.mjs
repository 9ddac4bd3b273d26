// The rival of `npm run bench`: what a team would write itself to have calls made later. It accepts a call over HTTP,
// keeps it in Redis, makes it by a worker in the same process, keeps the answer, and tells its state when asked.
//   REDIS_PORT=6390 UPSTREAM=http://127.0.0.1:1234 CONCURRENCY=50 node tools/bench/bullmq/main.mjs
import { Queue, Worker } from 'bullmq';
import Fastify from 'fastify';
import { Agent, request } from 'undici';

const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const concurrency = Number(process.env.CONCURRENCY);
const dispatcher = new Agent({ connections: 256, pipelining: 1 });

const queue = new Queue('calls', { connection });
const worker = new Worker('calls', ({ data }) => call(data), { connection, concurrency });

async function call({ endpoint, method, params }) {
  const path = endpoint.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name]));
  const { statusCode, headers, body } = await request(process.env.UPSTREAM + path, { method, dispatcher });
  const text = await body.text();
  if (statusCode >= 400) throw new Error(`${statusCode}`);
  return { status: statusCode, headers, body: text };
}

const app = Fastify();
const schema = {
  body: {
    type: 'object',
    required: ['endpoint', 'method'],
    properties: { endpoint: { type: 'string' }, method: { type: 'string' }, params: { type: 'object' } },
  },
};
app.post('/calls', { schema }, async ({ body }) => {
  const { id } = await queue.add('call', body, { attempts: 3, backoff: { type: 'exponential', delay: 500 } });
  return { id };
});
app.get('/calls/:id/state', async ({ params }) => ({ state: await queue.getJobState(params.id) }));

await app.listen({ host: '127.0.0.1', port: 0 });
await worker.waitUntilReady();
process.send({ port: app.server.address().port });
process.once('disconnect', () => process.exit());
