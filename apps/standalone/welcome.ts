import type { Config } from '#config';
import type { RunningApp } from '../http/http-server.js';

/** What a person is told once standalone runs: where it is, who may enter, and a first call to paste. */
export function welcome(config: Config, apps: Record<'api' | 'worker' | 'apidoc', RunningApp>): string[] {
  const document = {
    openapi: '3.0.3',
    info: { title: 'Callboard', version: '1' },
    servers: [{ url: apps.api.address }],
    paths: { '/v1/api/ping': { get: { responses: { 200: { description: 'OK' } } } } },
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
    'A first call: register a service (here Callboard itself, by one of its operations); curl asks for the password.',
    `  curl -u '${user}' -H 'Content-Type: application/json' ${apps.api.address}/v1/api/spec \\`,
    `    -d '{"name": "callboard", "headers": {}, "spec": "${spec}"}'`,
    'Then have it called:',
    `  curl -u '${user}' -H 'Content-Type: application/json' ${apps.api.address}/v1/api/scheduler/process \\`,
    `    -d '{"service": "callboard", "method": "GET", "endpoint": "/v1/api/ping"}'`,
    '',
  ];
}
