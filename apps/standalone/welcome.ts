import type { Config } from '#config';
import type { RunningApp } from '../http/http-server.js';

/** Where the service of the first call listens. */
const SAMPLE_PORT = 8090;

/** What a person is told once standalone runs: where it is, who may enter, and a first call to paste. */
export function welcome(config: Config, apps: Record<'api' | 'worker' | 'apidoc', RunningApp>): string[] {
  const document = {
    openapi: '3.0.3',
    info: { title: 'Pong', version: '1' },
    servers: [{ url: `http://127.0.0.1:${SAMPLE_PORT}` }],
    paths: { '/ping': { get: { responses: { 200: { description: 'OK' } } } } },
  };
  const spec = Buffer.from(JSON.stringify(document)).toString('base64');
  const user = config.apiSchedulerAuthUsername;
  return [
    '',
    'Callboard is ready.',
    `  API       ${apps.api.address}/v1/api`,
    `  worker    ${apps.worker.address}/v1/worker/ping`,
    `  API docs  ${apps.apidoc.address}/v1/apidoc/swagger`,
    `  user name ${user} (the password is API_SCHEDULER_AUTH_PASSWORD of .env)`,
    '',
    'A first call: start a service of one line,',
    `  node -e "require('http').createServer((_, r) => r.end('pong')).listen(${SAMPLE_PORT}, '127.0.0.1')" &`,
    'register it by its document (curl asks for the password),',
    `  curl -u '${user}' -H 'Content-Type: application/json' ${apps.api.address}/v1/api/spec \\`,
    `    -d '{"name": "pong", "headers": {}, "spec": "${spec}"}'`,
    'and have it called:',
    `  curl -u '${user}' -H 'Content-Type: application/json' ${apps.api.address}/v1/api/scheduler/process \\`,
    `    -d '{"service": "pong", "method": "GET", "endpoint": "/ping"}'`,
    '',
  ];
}
