// The service that benchmarks call: answers GET /item/{id} with 1 KB of JSON. DELAY_MS, CACHEABLE.
import { createServer } from 'node:http';

const body = JSON.stringify({ filler: 'x'.repeat(1_000) });
const headers = {
  'content-type': 'application/json',
  'content-length': String(body.length),
  ...(process.env.CACHEABLE ? {} : { 'cache-control': 'no-store' }),
};
const delayMs = Number(process.env.DELAY_MS ?? 0);
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  const answer = () => {
    response.writeHead(200, headers);
    response.end(body);
  };
  if (delayMs > 0) setTimeout(answer, delayMs);
  else answer();
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ requests }));
process.once('disconnect', () => process.exit());
