// The service that benchmarks call: answers GET /item/{id} with 1 KB of JSON, never cacheable.
import { createServer } from 'node:http';

const body = JSON.stringify({ filler: 'x'.repeat(1_000) });
const server = createServer((request, response) => {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.once('disconnect', () => process.exit());
