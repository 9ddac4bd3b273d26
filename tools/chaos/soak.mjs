#!/usr/bin/env node
// npm run soak: whether memory stays flat, and no descriptor is left open, at half of what is borne at the start.
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.mjs';
import { distributed, standalone, startUpstream, workFolder } from './deployments.mjs';
import { Ending } from './ending.mjs';
import { Load } from './load.mjs';
import { DATABASES } from './servers.mjs';
import { growthIn, thirdsOf, vitalsOf } from './vitals.mjs';

const USAGE = `usage: npm run soak -- [--minutes N (15)] [--on standalone|distributed (standalone)] [--rate N]
  [--database mongodb|mongodb-java (mongodb)]  of a distributed one; the first bears a hundredth of what the second does`;
const POST_SHARE = 0.2;
/** How long the throughput is measured. */
const MEASURED_MS = 20_000;
const SAMPLE_EVERY_MS = 5_000;
const DEADLINE_MS = 120_000;
/** So many of the last calls must have ended with the right answer. */
const JUDGED = 2_000;
/**
 * For how long a test server keeps what has ended, twice what is judged at the end: such servers look through all that
 * they have, and what grows with it is their time, not ours.
 */
const KEPT_MS = 30_000;

const begun = performance.now();
const say = (line) =>
  process.stderr.write(`soak: ${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s: ${line}\n`);
const ending = new Ending();

try {
  const options = readOptions(process.argv.slice(2));
  const folder = await workFolder(ending.add, () => process.exitCode === 1);
  const upstream = await startUpstream(ending.add, [1, 10]);
  const care = { onEnd: ending.add, onDeath: ending.fail };
  // As shipped, but for the ports and folders.
  const env = { LEASE_SECONDS: '30', RECONCILE_SECONDS: '5' };
  const deployment = await (options.on === 'distributed'
    ? distributed(care, { folder, env, database: options.database })
    : standalone(care, { folder, env }));
  const apps = deployment.app ? [deployment.app] : [deployment.api, ...deployment.workers];
  const client = new Client(deployment.address, ending.signal);
  ending.add(() => client.close());
  await client.register(upstream.address);
  const rate = options.rate ?? (await throughput(client, upstream)) / 2;
  say(`${options.on} at ${rate.toFixed(0)} calls a second for ${options.minutes} min`);
  const { samples, load } = await soak(client, deployment, apps, rate, options.minutes * 60_000);
  const calls = load.accepted.length;
  const pace = calls / (options.minutes * 60_000);
  load.accepted = load.accepted.slice(-Math.ceil(Math.min(JUDGED, (pace * KEPT_MS) / 2)));
  const end = performance.now() + DEADLINE_MS;
  while (load.accepted.some((call) => !call.verdict) && performance.now() < end) await load.look();
  const { counts } = load.tally(await upstream.tally());
  print(samples, apps);
  const faults = apps.flatMap((app, index) =>
    growthIn(thirdsOf(samples[index])).map((words) => `${app.role} ${index}: ${words}`),
  );
  if (counts.success !== counts.accepted) faults.push(`of the last calls went wrong: ${JSON.stringify(counts)}`);
  console.log(`${calls} calls, ${(pace * 1_000).toFixed(0)} a second; ${faults.join('; ') || 'flat'}`);
  if (faults.length > 0) process.exitCode = 1;
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  await ending.run(say);
}

/** Calls a second from first to last, with as many under way as there are connections. */
async function throughput(client, upstream) {
  const load = new Load(client, { rate: Infinity, postShare: POST_SHARE, signal: ending.signal });
  const since = performance.now();
  while (performance.now() - since < MEASURED_MS) await load.submit(500);
  while ((await upstream.served()) < load.accepted.length) {
    ending.signal.throwIfAborted();
    await pause(50);
  }
  const rate = (load.accepted.length * 1_000) / (performance.now() - since);
  say(`bears ${rate.toFixed(0)} calls a second`);
  return rate;
}

async function soak(client, { forgetEnded }, apps, rate, durationMs) {
  const load = new Load(client, { rate, postShare: POST_SHARE, signal: ending.signal });
  const samples = apps.map(() => []);
  const submitting = load.submit(Math.round((rate * durationMs) / 1_000));
  submitting.catch(() => undefined);
  const isOver = submitting.then(() => true);
  const end = performance.now() + durationMs;
  for (;;) {
    const over = await Promise.race([isOver, pause(SAMPLE_EVERY_MS, false)]);
    if (performance.now() > end) load.enough();
    await forgetEnded?.(Date.now() - KEPT_MS);
    apps.forEach((app, index) => samples[index].push(vitalsOf(app.pid)));
    if (samples[0].length % 12 === 0) {
      const now = apps.map(
        (_, index) => `${mib(samples[index].at(-1).resident)} MiB, ${samples[index].at(-1).descriptors} open`,
      );
      say(`${load.accepted.length} calls; ${now.join('; ')}`);
    }
    if (over) return { samples, load };
  }
}

function print(samples, apps) {
  for (const [index, app] of apps.entries()) {
    const { resident, descriptors, threads } = thirdsOf(samples[index]);
    console.log(`${app.role} ${index}, mean of each third:`);
    console.log(`  resident MiB  ${resident.map(mib).join('  ')}`);
    console.log(`  descriptors   ${descriptors.map((mean) => mean.toFixed(1)).join('  ')}`);
    console.log(`  threads       ${threads.map((mean) => mean.toFixed(1)).join('  ')}`);
  }
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

function readOptions(args) {
  const options = {
    minutes: { type: 'string', default: '15' },
    on: { type: 'string', default: 'standalone' },
    rate: { type: 'string' },
    database: { type: 'string', default: 'mongodb' },
  };
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`, { cause: error });
  }
  const [minutes, rate] = [Number(values.minutes), values.rate === undefined ? undefined : Number(values.rate)];
  const isOdd =
    !(minutes > 0) ||
    (rate !== undefined && !(rate > 0)) ||
    !['standalone', 'distributed'].includes(values.on) ||
    !(values.database in DATABASES);
  if (isOdd) throw new Error(USAGE);
  return { minutes, rate, on: values.on, database: values.database };
}
