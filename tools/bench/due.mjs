// npm run bench -- due: how fast the embedded store and bus give out calls that come due in the same second, in which order
// and in how much memory, beside calls that come one after the other. Nothing is called: a handler claims and completes each.
//   [--processes 100000] [--concurrency 50] [--folder DIR]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from '../setup.mjs';
import { residentMiB } from './app.mjs';
import { pause } from './load.mjs';
import { bar, figure, perSecond, title } from './report.mjs';

const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '100000' },
    concurrency: { type: 'string', default: '50' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const count = Number(values.processes);

await prepare();
const { InProcessBus, SystemClock } = await import('../../dist/libs/adapters/index.js');
const { openThreadedStores } = await import('../../dist/libs/adapters/store/sqlite/index.js');
const { newTraceId, rankOf } = await import('../../dist/libs/core/index.js');
const { DueTimer, Herald } = await import('../../dist/libs/scheduling/index.js');

const DAY_MS = 86_400_000;
/** A clock that is put on, so that nobody waits for the second in which all is due. */
class MovedClock extends SystemClock {
  movedMs = 0;

  now() {
    return super.now() + this.movedMs;
  }
}
const clock = new MovedClock();
const steps = ['Received in the API', 'Received in the worker', 'Executed command successfully'];
const response = { status: 200, headers: [], body: { inline: Buffer.alloc(1024, 'x'), bytes: 1024 }, cache: 'MISS' };

const folder = await mkdtemp(join(values.folder, 'callboard-bench-'));
const stores = await openThreadedStores({ folder, onLost: (error) => console.error(error) });
const bus = new InProcessBus({ clock });
const herald = new Herald(bus, clock);
const stop = new AbortController();
try {
  const ranks = [];
  let done = 0;
  let most = 0;
  await bus.consume('SCHEDULER_PROCESS', { prefetch: Number(values.concurrency) }, async ({ traceId }) => {
    const now = clock.now();
    const claimed = await stores.processes.claim(traceId, { owner: 'bench', until: now + 60_000 }, steps, now);
    if (!claimed) throw new Error(`Expected ${traceId} to be told of once.`);
    ranks.push(rankOf(claimed));
    await stores.processes.complete(claimed, { status: 'SUCCESS', response }, steps, clock.now());
    most = Math.max(most, bus.waiting('SCHEDULER_PROCESS'));
    done += 1;
    return { kind: 'ack' };
  });

  title(`${count} calls that are due in the same second`);
  const alone = performance.now();
  const fewer = Math.ceil(count / 5);
  for (let index = 0; index < fewer; index += 500) {
    const batch = Array.from({ length: Math.min(500, fewer - index) }, () => insert(0));
    for (const { traceId, priority, dueAt } of await Promise.all(batch)) herald.call({ traceId, priority, dueAt });
    await until(() => done >= index);
  }
  await until(() => done === fewer);
  figure(`${fewer} one after the other, inserts included`, rate(alone, fewer));

  const second = clock.now() + DAY_MS;
  for (let index = 0; index < count; index += 500) {
    const batch = Array.from({ length: Math.min(500, count - index) }, () => insert(second - clock.now()));
    await Promise.all(batch);
  }
  done = 0;
  most = 0;
  ranks.length = 0;
  globalThis.gc?.();
  figure('resident before', `${residentMiB(process.pid)} MiB`);
  const timer = new DueTimer(stores.processes, herald, clock, {
    ...{ everyMs: 50, faultPauseMs: 1_000, repeatMs: 30_000 },
    onFault: (error) => console.error(error),
  });
  clock.movedMs = second + 1_000 - clock.now();
  const due = performance.now();
  let peakMiB = 0;
  const running = timer.run(stop.signal);
  await until(() => {
    peakMiB = Math.max(peakMiB, residentMiB(process.pid));
    return done === count;
  });
  figure('due in the same second', rate(due, count));
  const late = ranks.filter((rank, index) => index > 0 && rank < ranks[index - 1]).length;
  figure('waited in the bus at most', String(most));
  bar('started before one of a lower rank', String(late), late === 0, '0');
  bar('resident at most', `${peakMiB} MiB`, peakMiB <= 300, 'at most 300 MiB');
  stop.abort();
  await running;
} finally {
  await bus.close();
  await stores.close();
  await rm(folder, { recursive: true });
}

async function insert(inMs) {
  const now = clock.now();
  const priority = Math.floor(Math.random() * 10);
  const process = {
    ...{ traceId: newTraceId(), project: 'default', kind: 'call', specTraceId: 'SpecSpecSpecSpec', service: 'bench' },
    ...{ method: 'GET', endpoint: '/item', headers: null, queryParams: null, urlParams: null, reqBody: null, priority },
    ...{ status: 'WAITING', steps: steps.slice(0, 1), createdAt: now, updatedAt: now, attempt: 0 },
    dueAt: inMs === 0 ? now : now + inMs + Math.floor(Math.random() * 1_000),
  };
  await stores.processes.insert(process);
  return process;
}

async function until(check) {
  while (!check()) await pause(5);
}

function rate(start, done) {
  return perSecond(done / ((performance.now() - start) / 1_000));
}
