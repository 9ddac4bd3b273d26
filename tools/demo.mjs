// npm run demo: Callboard at work. Starts standalone on a folder of its own beside a small sample service, registers the
// service's document, schedules calls and shows each change of status and the answers. Ctrl-C ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { prepare, root } from './setup.mjs';

const data = join(root, 'data', 'demo');
const ports = {
  API_PORT: process.env.API_PORT || '8080',
  WORKER_PORT: process.env.WORKER_PORT || '8081',
  APIDOC_PORT: process.env.APIDOC_PORT || '8082',
};
const env = {
  ...process.env,
  ...ports,
  HOST: '127.0.0.1',
  CALLBOARD_DATA_DIR: data,
  GENERATED_CLIENTS_DIR: join(data, 'generated-clients'),
  // The demo tells its own story; everything is still in the log store.
  GLOGS_WRITE_STDOUT: 'false',
  API_SCHEDULER_AUTH_USERNAME: 'demo',
  API_SCHEDULER_AUTH_PASSWORD: 'demo-password',
  // Embedded backends, whatever else is set: empty counts as unset.
  MONGODB_URI: '',
  RABBITMQ_URL: '',
  RABBITMQ_HOST: '',
  REDIS_URL: '',
  S3_ENDPOINT: '',
};
const api = `http://127.0.0.1:${ports.API_PORT}`;
const authorization = `Basic ${Buffer.from('demo:demo-password').toString('base64')}`;

await prepare();
await needFreePorts();
await rm(data, { recursive: true, force: true });
const weather = await startWeatherService();
const callboard = spawn(process.execPath, [join(root, 'dist', 'apps', 'standalone', 'main.js')], {
  cwd: root,
  env,
  stdio: 'inherit',
});
callboard.once('exit', (code) => process.exit(code ?? 1));
process.once('exit', () => callboard.kill());
// Callboard gets the terminal's Ctrl-C too; we only wait for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => callboard.kill());
await answering(`${api}/v1/api/ping`);

title(`A sample service listens on ${weather.address}. Its OpenAPI document becomes a Spec`);
const spec = Buffer.from(JSON.stringify(weather.document)).toString('base64');
const { trace_id: specId } = await call('POST', '/v1/api/spec', {
  name: 'Weather',
  headers: { 'x-demo': 'yes' },
  spec,
});
console.log(`  WAITING      Received in the API`);
await follow(`/v1/api/spec/${specId}/status`, 'WAITING');

title('A call is accepted at once and made by a worker');
await runProcess({ service: 'weather', method: 'GET', endpoint: '/forecast/{city}', url_params: { city: 'Zürich' } });

title('The same call again is answered from the cache');
await runProcess({ service: 'weather', method: 'GET', endpoint: '/forecast/{city}', url_params: { city: 'Zürich' } });

title('A call with a body');
const report = { city: 'Zürich', celsius: 21.5 };
await runProcess({ service: 'weather', method: 'POST', endpoint: '/reports', req_body: report });

title('A call that lacks a required parameter ends in ERROR, and says why');
await runProcess({ service: 'weather', method: 'GET', endpoint: '/forecast/{city}' });

title(`The service was called ${weather.calls()} times. Callboard stays up; Ctrl-C ends it`);
console.log(`  API       ${api}/v1/api    user name demo, password demo-password`);
console.log(`  API docs  http://127.0.0.1:${ports.APIDOC_PORT}/v1/apidoc/swagger`);
console.log(`  Clients   ${env.GENERATED_CLIENTS_DIR}`);

async function runProcess(process) {
  console.log(`  POST /v1/api/scheduler/process ${JSON.stringify(process)}`);
  const { trace_id: id, status, msg } = await call('POST', '/v1/api/scheduler/process', process);
  console.log(`  ${status.padEnd(12)} ${msg}`);
  await follow(`/v1/api/scheduler/process/${id}/status`, status);
  const response = await send('GET', `/v1/api/scheduler/process/${id}/response`);
  console.log(`  response  ${await response.text()}`);
  const cache = response.headers.get('x-cache');
  if (cache !== null) console.log(`  X-Cache   ${cache}`);
}

/** Shows each change of a status from the first one on until it ends. */
async function follow(path, first) {
  let last = first;
  for (;;) {
    const { status, error, step } = await call('GET', path);
    if (status !== last) console.log(`  ${status.padEnd(12)} ${error ?? step.at(-1)}`);
    if (status === 'SUCCESS' || status === 'ERROR') return;
    last = status;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function call(method, path, body) {
  const response = await send(method, path, body);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${answer.message}`);
  return answer;
}

function send(method, path, body) {
  const headers = { authorization, 'content-type': 'application/json' };
  return fetch(
    api + path,
    body ? { method, headers, body: JSON.stringify(body) } : { method, headers: { authorization } },
  );
}

/** Else the demo would talk to whatever is there already. */
async function needFreePorts() {
  for (const [variable, port] of Object.entries(ports)) {
    const probe = createServer();
    try {
      probe.listen(Number(port), '127.0.0.1');
      await once(probe, 'listening');
    } catch {
      console.error(`Expected port ${port} to be free for the demo, but it cannot be had: set ${variable} to another.`);
      process.exit(1);
    }
    probe.close();
    await once(probe, 'close');
  }
}

async function answering(url) {
  while (!(await fetch(url).catch(() => null))?.ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

function title(text) {
  console.log(`\n${text}.`);
}

async function startWeatherService() {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    const city = decodeURIComponent(request.url.split('/').at(-1));
    const answer = request.method === 'POST' ? { thanks: true } : { city, sky: 'clear', celsius: 21 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${server.address().port}`;
  const text = { type: 'string' };
  const responses = { 200: { description: 'OK' } };
  return {
    address,
    calls: () => calls,
    document: {
      openapi: '3.1.0',
      info: { title: 'Weather', version: '1.0.0' },
      servers: [{ url: address }],
      paths: {
        '/forecast/{city}': {
          get: { parameters: [{ name: 'city', in: 'path', required: true, schema: text }], responses },
        },
        '/reports': {
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { city: text, celsius: { type: 'number' } } },
                },
              },
            },
            responses,
          },
        },
      },
    },
  };
}
