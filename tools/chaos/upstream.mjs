// The service that chaos has called: a process of its own, which counts what it was asked, by id.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, lotOf } from './answers.mjs';

const [minMs = 5, maxMs = 50] = process.argv.slice(2).map(Number);

/** By method and id: how many requests came, and how many of them it acted on. */
const asked = new Map();
/** How many requests it acted on in all. */
let served = 0;

const server = createServer((request, response) => {
  serve(request, response).catch(() => request.socket.destroy());
});

async function serve(request, response) {
  const { method, url } = request;
  const id = decodeURIComponent(url.split('/').at(-1));
  const body = method === 'POST' ? await json(request) : null;
  const count = asked.get(`${method} ${id}`) ?? { requests: 0, acted: 0 };
  count.requests += 1;
  asked.set(`${method} ${id}`, count);
  const isFirst = count.requests === 1;
  const lot = lotOf(id);
  // Each is refused or broken off once at most, so that no call runs out of attempts.
  if (isFirst && (lot === 0 || lot === 50)) {
    response.writeHead(503, { 'retry-after': '0' }).end();
    return;
  }
  if (isFirst && method === 'GET' && (lot === 1 || lot === 51)) {
    request.socket.resetAndDestroy();
    return;
  }
  count.acted += 1;
  served += 1;
  await pause(minMs + Math.random() * (maxMs - minMs));
  response.writeHead(200, { 'content-type': 'application/json' }).end(answerOf(method, id, body));
}

process.on('message', (what) => process.send(what === 'served' ? { served } : { asked: [...asked] }));
process.on('disconnect', () => process.exit());
// Ctrl-C is for whoever started this.
process.on('SIGINT', () => {});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
