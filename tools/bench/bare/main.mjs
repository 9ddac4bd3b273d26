// Nothing but HTTP: accepts a call, makes it and tells its state, all of it in memory. What is left between this and
// a bar is for a store, a log, checks and keys together.
//   UPSTREAM=http://127.0.0.1:1234 CONCURRENCY=50 node tools/bench/bare/main.mjs
import Fastify from 'fastify';
import { Agent, request } from 'undici';

const concurrency = Number(process.env.CONCURRENCY);
const dispatcher = new Agent({ connections: 256, pipelining: 1 });
const calls = new Map();
const waiting = [];
let running = 0;

async function work() {
  running += 1;
  for (let call = waiting.shift(); call; call = waiting.shift()) await make(call);
  running -= 1;
}

async function make(call) {
  try {
    const path = call.endpoint.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(call.params[name]));
    const { statusCode, headers, body } = await request(process.env.UPSTREAM + path, {
      method: call.method,
      dispatcher,
    });
    Object.assign(call, { headers, body: await body.text(), state: statusCode < 400 ? 'completed' : 'failed' });
  } catch {
    call.state = 'failed';
  }
}

const app = Fastify();
app.post('/calls', async ({ body }) => {
  const id = String(calls.size);
  const call = { ...body, state: 'waiting' };
  calls.set(id, call);
  waiting.push(call);
  if (running < concurrency) void work();
  return { id };
});
app.get('/calls/:id/state', async ({ params }) => ({ state: calls.get(params.id).state }));

await app.listen({ host: '127.0.0.1', port: 0 });
process.send({ port: app.server.address().port });
process.once('disconnect', () => process.exit());
