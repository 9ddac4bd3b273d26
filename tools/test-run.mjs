// The run behind npm test: servers, jest, what was skipped and why, one closing line.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './setup.mjs';
import { servers, start, stop, variablesOf } from './servers/fleet.mjs';

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
/** Last on the command line: jest takes every word after an option like this for one more of its values. */
const reporters = ['--reporters=default', '--reporters=<rootDir>/tools/totals-reporter.mjs'];
const needsServers = /\.(int-spec|e2e-spec)\.ts$/;

/**
 * Runs jest with these arguments against the servers that the environment names, or else against those that are
 * installed here, which it starts and stops.
 * @returns {Promise<number>} the exit code: jest's, or 1 when CALLBOARD_REQUIRE_REAL_SERVERS=1 and a suite was skipped
 *   for want of a server
 */
export async function testRun(args) {
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'callboard-test-'));
  // A terminal's Ctrl-C reaches jest too; this process stays to stop the servers after it.
  const ignore = () => {};
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  const { environment, started, absent } = selects(args) ? await provideServers() : nothing();
  try {
    const files = { totals: join(folder, 'totals.json'), skips: join(folder, 'skips.jsonl') };
    const told = { CALLBOARD_SKIP_FILE: files.skips, CALLBOARD_TOTALS_FILE: files.totals };
    const code = await runJest(args, { ...environment, ...told });
    const skips = lines(files.skips);
    await stop(started, { erase: true }, say);
    explain(skips, absent);
    const required = process.env.CALLBOARD_REQUIRE_REAL_SERVERS === '1';
    if (required && skips.length > 0) {
      console.error(`CALLBOARD_REQUIRE_REAL_SERVERS=1 wants none skipped; suites without a server: ${skips.length}.`);
    }
    const failed = close(files.totals);
    return code !== 0 || failed || (required && skips.length > 0) ? code || 1 : 0;
  } finally {
    await stop(started, { erase: true }, say);
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(line) {
  process.stderr.write(`servers: ${line}\n`);
}

/** Whether these arguments select any test that may want a server; asking takes jest half a second. */
function selects(args) {
  const listed = spawnSync(process.execPath, [...jest, '--listTests', ...args], { cwd: root, encoding: 'utf8' });
  return listed.status !== 0 || listed.stdout.split('\n').some((file) => needsServers.test(file));
}

function nothing() {
  return { environment: {}, started: [], absent: new Map() };
}

/** @returns what leads to the servers, those started here, and why there is none of the others */
async function provideServers() {
  const { environment, started, absent } = nothing();
  const wanted = servers.filter((server) => !process.env[variablesOf[server.name][0]]);
  await Promise.all(
    wanted.map(async (server) => {
      if (!server.installed()) {
        absent.set(server.name, 'it is not installed here');
        return;
      }
      try {
        const result = await start([server], say);
        Object.assign(environment, result.environment);
        if (result.started.length > 0) started.push(server);
      } catch (error) {
        console.error(error.message);
        absent.set(server.name, 'it is installed, but did not start (see above)');
      }
    }),
  );
  return { environment, started, absent };
}

async function runJest(args, environment) {
  const child = spawn(process.execPath, [...jest, ...args, ...reporters], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  const forward = (signal) => child.kill(signal);
  process.on('SIGTERM', forward);
  const [code] = await once(child, 'close');
  process.off('SIGTERM', forward);
  return code ?? 1;
}

function lines(path) {
  try {
    return readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

function explain(skips, absent) {
  if (skips.length === 0) return;
  console.log('\nSkipped for want of a server:');
  for (const { title, missing } of skips) console.log(`  ${title} (needs ${missing.join(', ')})`);
  const names = [...new Set(skips.flatMap((skip) => skip.servers))];
  console.log('How to get them:');
  for (const name of names) {
    const why = absent.get(name) ?? `of ${variablesOf[name]?.join(', ') ?? name}, not all are set`;
    const [first] = variablesOf[name] ?? [name];
    console.log(
      `  ${name}: ${why}. Run "node tools/servers/index.mjs install ${name}", or set ${first} to one of yours.`,
    );
  }
}

/** Prints the closing line. @returns {boolean} whether anything failed, or jest did not come to its end */
function close(path) {
  const [totals] = lines(path);
  if (totals === undefined) return true;
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed > 0;
}
