import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { readFileSync } from 'node:fs';
import { readConfig } from '#config';
import type { Config, Role } from '#config';

/** What asks a process beside this one whether it is up: `node probe.js api`; ends with 0 if it is. */
const PINGS: Partial<Record<Role, (config: Config) => string>> = {
  api: ({ apiPort }) => `${apiPort}/v1/api/ping`,
  worker: ({ workerPort }) => `${workerPort}/v1/worker/ping`,
  apidoc: ({ apidocPort }) => `${apidocPort}/v1/apidoc/ping`,
};
const DEADLINE_MS = 4_000;

const role = process.argv[2] as Role;
const config = readConfig(role);
const place = `${hostOf(config.host)}:${PINGS[role]?.(config) ?? ''}`;
const timeout = AbortSignal.timeout(DEADLINE_MS);
const request =
  config.tlsCertFile === undefined
    ? getPlain(`http://${place}`, { signal: timeout })
    : getSecure(`https://${place}`, {
        signal: timeout,
        // What stands in that file is the only certificate that is taken, whatever name it is made out to.
        ca: readFileSync(config.tlsCertFile),
        allowPartialTrustChain: true,
        checkServerIdentity: () => undefined,
      });
request
  .once('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .once('error', () => process.exit(1));

function hostOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
