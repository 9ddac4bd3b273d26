import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.mjs';
import { distributed, standalone, startUpstream } from './deployments.mjs';
import { Load } from './load.mjs';
import { Mount } from './mount.mjs';

const POST_SHARE = 0.2;
/** Calls a second that each bears while it is well, on two busy cores; FerretDB's limit is the first. */
const RATES = { distributed: 20, standalone: 100, 'small disk': 100, 'odd clock': 100 };
/**
 * What may be open at once: FerretDB looks through all of it some dozens of times a second, and what is too much for it is
 * never made good while it goes on.
 */
const OPEN_MOST = { distributed: 60 };
/** The calls of a blow that are accepted before it. */
const BEFORE = 0.3;
/** All calls of a run and what is logged of them must find room. */
const SMALL_DISK_MB = 256;
const NOTHING = { accepted: 0, success: 0, unknown: 0, failed: 0, lost: 0, stuck: 0, twice: 0, wrong: 0 };

/** How each deployment is started. `nodeArgs`, `env` and folders are its own. */
const STARTS = {
  distributed: (care, folder, { database }) => distributed(care, { folder, database }),
  standalone: async (care, folder) => {
    const dataDir = join(folder, 'data');
    return { ...(await standalone(care, { folder, dataDir })), dataDir };
  },
  'small disk': async (care, folder) => {
    const mount = new Mount(join(folder, 'disk'), SMALL_DISK_MB);
    care.onEnd(async () => mount.release());
    return { ...(await standalone(care, { folder, dataDir: join(mount.folder, 'data') })), mount };
  },
  'odd clock': (care, folder) =>
    standalone(care, { folder, nodeArgs: ['--import', join(import.meta.dirname, 'clock-shim.mjs')] }),
};

/**
 * Starts a deployment and has its faults happen, one after the other, while calls come in.
 * @param {string} name
 * @param {import('./faults.mjs').Fault[]} faults
 * @param rows the rows of the table, which those of its faults are added to
 */
export async function strikeDown(name, faults, { options, ending, folder, say, rows }) {
  const own = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(own, { recursive: true });
  const upstream = await startUpstream(ending.add);
  let deployment;
  try {
    deployment = await STARTS[name]({ onEnd: ending.add, onDeath: ending.fail }, own, options);
  } catch (error) {
    if (!error.message.startsWith('mount ')) throw error;
    say(`skipped, for want of a mount: ${faults.map((fault) => fault.name).join(', ')} (${error.message})`);
    return;
  }
  const client = new Client(deployment.address, ending.signal);
  ending.add(() => client.close());
  await client.register(upstream.address);
  say(`${name} is there`);
  const shares = faults.reduce((sum, { share = 1 }) => sum + share, 0);
  for (const fault of faults) {
    const reason = fault.impossible?.(deployment);
    if (reason) {
      say(`skipped: ${fault.name} (${reason})`);
      continue;
    }
    const calls = Math.max(options.times, Math.round((options.calls * (fault.share ?? 1)) / shares));
    rows.push(await happen(fault, calls, { deployment, client, upstream, options, ending, say }));
  }
}

async function happen(fault, calls, { deployment, client, upstream, options, ending, say }) {
  const { name } = fault;
  const { times } = options;
  const row = { fault: name, times, recoveriesMs: [], complaints: [], unclear: 0, ...NOTHING };
  client.unclear = [];
  client.refusals = new Map();
  for (let index = 0; index < times; index += 1) {
    const count = Math.floor(((index + 1) * calls) / times) - Math.floor((index * calls) / times);
    const blow = await strike(fault, index, count, { deployment, client, upstream, options, ending });
    for (const [word, n] of Object.entries(blow.counts)) row[word] += n;
    row.recoveriesMs.push(blow.recoveredMs);
    row.complaints.push(...blow.examples.map((example) => JSON.stringify(example)));
    const { accepted, success, unknown } = blow.counts;
    say(
      `${name} ${index + 1}/${times}: over after ${inSeconds(blow.downMs)}, recovered after ` +
        `${inSeconds(blow.recoveredMs)}; ${success} of ${accepted} SUCCESS, ${unknown} unknown`,
    );
  }
  row.unclear = client.unclear.length;
  row.complaints = [...row.complaints, ...new Set(client.unclear)].slice(0, 10);
  const refusals = [...client.refusals].map(([status, n]) => `${n} × ${status || 'no connection'}`).join(', ');
  say(`${name}: refused meanwhile: ${refusals || 'none'}`);
  return row;
}

/** One blow while calls come in, and what became of them. */
async function strike(fault, index, count, { deployment, client, upstream, options, ending }) {
  const rate = options.rate ?? RATES[fault.deployment];
  const { signal, fail } = ending;
  const load = new Load(client, {
    ...{ rate, openMost: OPEN_MOST[fault.deployment], postShare: POST_SHARE },
    ...{ signal, fail, forget: deployment.forget },
  });
  const stopWatching = load.watch();
  const submitting = load.submit(count);
  // Told where it is awaited, not while the blow is dealt.
  submitting.catch(() => undefined);
  await Promise.race([load.hasAccepted(Math.ceil(count * BEFORE)), submitting]);
  const struckAt = performance.now();
  await fault.strike(deployment, index);
  const downMs = performance.now() - struckAt;
  await load.untilEnded([...load.accepted], options.deadlineMs);
  const recoveredMs = performance.now() - struckAt;
  await inTime(submitting, 4 * options.deadlineMs, signal);
  await load.untilEnded(load.accepted, options.deadlineMs);
  await stopWatching();
  return { ...load.tally(await upstream.tally()), downMs, recoveredMs };
}

/** @throws Error when what is waited for does not come in time */
async function inTime(promise, deadlineMs, signal) {
  const over = new AbortController();
  const late = pause(deadlineMs, undefined, { signal: AbortSignal.any([over.signal, signal]) }).then(() => {
    throw new Error(`Expected all calls to be accepted within ${deadlineMs / 1_000} s.`);
  });
  // Told by the race, where it comes first.
  late.catch(() => undefined);
  await Promise.race([promise, late]);
  over.abort();
}

function inSeconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`;
}
