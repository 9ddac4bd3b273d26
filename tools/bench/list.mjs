/**
 * How long the embedded store takes to list processes when it holds few of them and when it holds many, side by side.
 * Needs a build.
 *
 *   node tools/bench/list.mjs [--few 1000] [--many 1000000] [--rounds 300] [--limit 100] [--folder DIR]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStores } from '../../dist/libs/adapters/store/sqlite/index.js';
import { fillWithEnded } from './ended.mjs';

const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '1000' },
    many: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '300' },
    limit: { type: 'string', default: '100' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const limit = Number(values.limit);
const rounds = Number(values.rounds);
const clock = { now: () => Date.now() };

/** What is asked of both; every one of them fills its page in both, unless nothing matches. */
const QUERIES = {
  'the first page': {},
  'a page in the middle': { middle: true },
  'of one service': { service: 'service-7', limit: 50 },
  'status SUCCESS': { status: 'SUCCESS' },
  'status ERROR': { status: 'ERROR', limit: 10 },
  'status WAITING (none)': { status: 'WAITING' },
  'ERROR with a text': { error: '404 not', limit: 10 },
};

const folder = await mkdtemp(join(values.folder, 'callboard-bench-'));
try {
  const stores = [];
  for (const count of [Number(values.few), Number(values.many)]) stores.push(await filled(count));
  console.log(`p50 in ms of ${rounds} pages of ${limit} with ${values.few} and with ${values.many} ended processes`);
  for (const [name, query] of Object.entries(QUERIES)) {
    const times = stores.map(() => []);
    // In turns, so that whatever else this machine does slows down both.
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, store] of stores.entries()) times[index].push(await timed(store, query));
    }
    const [few, many] = times.map((each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)]);
    console.log(`${name}: ${few.toFixed(2)}, ${many.toFixed(2)}: ${(many / few).toFixed(2)}×`);
  }
  for (const { close } of stores) await close();
} finally {
  await rm(folder, { recursive: true });
}

async function filled(count) {
  const own = join(folder, String(count));
  await (await openSqliteStores({ folder: own, clock })).close();
  fillWithEnded(own, count);
  const { processes, close } = await openSqliteStores({ folder: own, clock });
  return { processes, close, middle: Date.now() - 5 * count };
}

async function timed({ processes, middle }, { middle: isMiddle, ...query }) {
  const start = performance.now();
  const page = await processes.list('default', {
    limit,
    ...query,
    ...(isMiddle && { createdBefore: middle }),
  });
  const took = performance.now() - start;
  if (page.processes.length !== (query.status === 'WAITING' ? 0 : (query.limit ?? limit)))
    throw new Error(`Expected a full page, got ${page.processes.length}.`);
  return took;
}
