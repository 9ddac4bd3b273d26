/**
 * npm run security:api -- [--examples N] [--role ROLE]…: has schemathesis (https://schemathesis.io) make requests of all
 * kinds from our own document, with each role, and compare every answer with it: no 5xx, no status, header, content type
 * or schema that the document does not have. Needs Python 3.10 or newer; schemathesis is installed below node_modules.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const VERSION = '4.32.5';
const ROOT = join(import.meta.dirname, '../..');
const VENV = join(ROOT, `node_modules/.cache/schemathesis-${VERSION}`);
const PROGRAM = join(VENV, 'bin/schemathesis');
const USER = 'admin';
const PASSWORD = 'a password for an hour';

/** What each role may do; `user` comes with a name and a password, the others with an API key. */
const ROLES = {
  user: [],
  admin: ['read', 'schedule', 'manage', 'admin'],
  manager: ['read', 'schedule', 'manage'],
  scheduler: ['read', 'schedule'],
  reader: ['read'],
};

/** What a document cannot say, and is no fault: relations between fields, and what is there and what is not. */
const NOT_CHECKED = ['positive_data_acceptance'];

/** Operations that differ from what the document lets one expect, each with its reason. */
const CONFIGURATION = `
# An address, a body or a head that is too long is refused as such.
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, 431]

# Each item is checked for itself and refused in the answer, not by its status.
[[operations]]
include-operation-id = "createSchedulerProcesses"
checks.negative_data_rejection.enabled = false
checks.unsupported_method.enabled = false
checks.allow_header_conformance.enabled = false

# These addresses are also those of trace ids and SDKs, which take other methods.
[[operations]]
include-operation-id = ["validateSpec", "pauseSpec", "resumeSpec"]
checks.unsupported_method.enabled = false
checks.allow_header_conformance.enabled = false
`;

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '20' },
    role: { type: 'string', multiple: true, default: Object.keys(ROLES) },
    phases: { type: 'string', default: 'examples,coverage,fuzzing,stateful' },
    seed: { type: 'string', default: '1' },
  },
});

install();
const folder = mkdtempSync(join(tmpdir(), 'callboard-schemathesis-'));
writeFileSync(join(folder, 'schemathesis.toml'), CONFIGURATION);
const [api, worker, apidoc] = await Promise.all([freePort(), freePort(), freePort()]);
const address = `http://127.0.0.1:${api}`;
const app = spawn(process.execPath, [join(ROOT, 'dist/apps/standalone/main.js')], {
  cwd: folder,
  env: {
    PATH: process.env.PATH,
    API_PORT: String(api),
    WORKER_PORT: String(worker),
    APIDOC_PORT: String(apidoc),
    API_SCHEDULER_AUTH_USERNAME: USER,
    API_SCHEDULER_AUTH_PASSWORD: PASSWORD,
    CALLBOARD_DATA_DIR: join(folder, 'data'),
    GENERATED_CLIENTS_DIR: join(folder, 'generated-clients'),
    // Nothing of what is made up here reaches anybody.
    EGRESS_DENY: '0.0.0.0/0,::/0',
    // It tries wrong credentials by the hundred.
    LOGIN_FAILURES: '1000',
    GLOGS_WRITE_STDOUT: 'false',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
let isGood = true;
try {
  await answering();
  for (const role of values.role) isGood = (await attack(role)) && isGood;
  await answering();
} finally {
  app.kill();
  await new Promise((resolve) => app.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);

function install() {
  if (existsSync(PROGRAM)) return;
  run('python3', ['-m', 'venv', VENV]);
  run(join(VENV, 'bin/pip'), ['install', '--quiet', '--no-input', `schemathesis==${VERSION}`]);
}

function run(program, options) {
  const { status } = spawnSync(program, options, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`Expected ${program} ${options[0]} to end with 0, got ${status}.`);
}

async function attack(role) {
  const credential = await credentialOf(role);
  const options = [
    ...['run', join(ROOT, 'docs/swagger/openapi.json'), '--url', address, ...credential],
    ...['--phases', values.phases, '--max-examples', values.examples, '--seed', values.seed],
    ...['--exclude-checks', NOT_CHECKED.join(','), '--generation-database', 'none', '--warnings', 'off'],
    ...['--continue-on-failure', '--request-timeout', '30', '--no-color'],
  ];
  console.log(`\n===== ${role} =====`);
  const child = spawn(PROGRAM, options, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const status = await new Promise((resolve) => child.once('close', resolve));
  return status === 0 && app.exitCode === null;
}

async function credentialOf(role) {
  const scopes = ROLES[role];
  if (!scopes) throw new Error(`Expected one of ${Object.keys(ROLES).join(', ')}, got ${role}.`);
  if (scopes.length === 0) return ['--auth', `${USER}:${PASSWORD}`];
  const response = await fetch(`${address}/v1/api/keys`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ name: role, scopes }),
  });
  const { key } = await response.json();
  if (!key) throw new Error(`Expected an API key, got ${response.status}.`);
  return ['--header', `Authorization: Bearer ${key}`];
}

async function answering() {
  const end = performance.now() + 60_000;
  for (;;) {
    if (app.exitCode !== null) throw new Error(`Expected the application to run, but it ended with ${app.exitCode}.`);
    const response = await fetch(`${address}/v1/api/ping`).catch(() => null);
    if (response?.ok) return;
    if (performance.now() > end) throw new Error('Expected the API to answer within a minute.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
