// npm run bench -- documents: documents from bytes to reviewed clients on one warm slot and one core, large documents
// with their memory, and side by side in the same run what others need for documents of median size.
//   node tools/bench/documents.mjs [--folder ../shared/specs] [--rounds 2] [--rivals 5] [--large 13]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import yaml from 'js-yaml';
import { prepare, root } from '../setup.mjs';
import { largeDocument } from './large-document.mjs';
import { rivals } from './rivals.mjs';

const { values } = parseArgs({
  // The name that `npm run bench` passes on.
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: join(root, '../shared/specs') },
    rounds: { type: 'string', default: '2' },
    rivals: { type: 'string', default: '5' },
    large: { type: 'string', default: '13' },
  },
});
const MB = 1_000_000;
const BARS = 'bars: p50 100 ms, p95 300 ms, p99 700 ms';

await prepare();
const work = await mkdtemp(join(tmpdir(), 'callboard-documents-'));
try {
  const documents = documentsIn(resolve(values.folder));
  if (documents.length === 0) console.log(`No documents in ${values.folder}; name a folder: --folder FOLDER`);
  else await measureAll(documents);
  await measureLarge(documents);
  if (documents.length > 0) await measureSideBySide(documents);
} finally {
  await rm(work, { recursive: true, force: true });
}

/** Documents of a folder, smallest first. */
function documentsIn(folder) {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  return names
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .map((name) => ({ path: join(folder, name), bytes: statSync(join(folder, name)).size }))
    .sort((a, b) => a.bytes - b.bytes);
}

async function measureAll(documents) {
  const slot = startSlot();
  console.log(`\n${documents.length} documents, bytes to reviewed, one warm slot ${slot.where}`);
  // The first round warms up what a service that has run for a while has warm.
  for (const { path } of documents) await slot.review(path);
  const results = [];
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const { path } of documents) results.push(await slot.review(path));
  await slot.stop();
  for (const [step, name] of [
    ['generated', 'generate'],
    ['reviewed', 'bytes to reviewed'],
  ])
    print(name, percentiles(results.map(({ times }) => times[step] ?? times.reviewed)));
  print('processor time', percentiles(results.map(({ processorMs }) => processorMs)));
  print('', BARS);
  const last = results.slice(-documents.length);
  const generated = last.filter(({ refused }) => refused === null).length;
  const clean = last.filter(({ refused, fault }) => refused === null && fault === null).length;
  const percent = (count) => `${((100 * count) / documents.length).toFixed(2)} %`;
  print(
    'natural documents',
    `${percent(generated)} generated, ${percent(clean)} reviewed clean (npm run specs tells more)`,
  );
  print('most memory', memory(results));
}

async function measureLarge(documents) {
  const bytes = Number(values.large) * MB;
  const cases = [
    [`OpenAPI 3.0, JSON, ${values.large} MB`, 'large.json', () => JSON.stringify(largeDocument({ bytes }))],
    [
      `Swagger 2.0, JSON, ${values.large} MB`,
      'large-2.json',
      () => JSON.stringify(largeDocument({ bytes, version: '2.0' })),
    ],
    // The same content takes a fifth more as YAML.
    [
      `OpenAPI 3.0, YAML, ${values.large} MB`,
      'large.yaml',
      () => yaml.dump(largeDocument({ bytes: bytes / 1.22 }), { noRefs: true }),
    ],
    ['OpenAPI 3.0, JSON, 47 MB', 'larger.json', () => JSON.stringify(largeDocument({ bytes: 47 * MB }))],
  ];
  const slot = startSlot();
  console.log(`\nlarge documents, bytes to reviewed, one warm slot ${slot.where} (bars: 2.5 s and 300 MB up to 13 MB)`);
  for (const { path } of documents.slice(-100)) await slot.review(path);
  for (const [title, name, make] of cases) {
    const path = join(work, name);
    writeFileSync(path, make());
    const results = [];
    for (let round = 0; round < Number(values.rounds); round += 1) results.push(await slot.review(path));
    const best = results.reduce((a, b) => (b.times.reviewed < a.times.reviewed ? b : a));
    const { generated = 0, typechecked = 0, reviewed } = best.times;
    const steps = `generate ${seconds(generated)}, type-check ${seconds(typechecked - generated)}, self-check ${seconds(reviewed - typechecked)}`;
    print(
      title,
      best.refused ??
        best.fault ??
        `${seconds(reviewed)} (${steps}), processor ${seconds(best.processorMs)}; ${memory(results)}`,
    );
  }
  await slot.stop();
}

/** The same documents in turn by each program, as somebody would run it; the slot is warm as in a service. */
async function measureSideBySide(documents) {
  const count = Math.min(Number(values.rivals), documents.length);
  if (count === 0) return;
  const first = Math.floor((documents.length - count) / 2);
  const sample = documents.slice(first, first + count);
  const sizes = sample.map(({ bytes }) => `${(bytes / 1000).toFixed(0)} KB`).join(', ');
  console.log(`\nside by side, in turn, documents around the median (${sizes}), all cores`);
  const slot = startSlot(false);
  const others = rivals(work);
  const taken = new Map([['Callboard, reviewed', []], ...others.map(({ name }) => [name, []])]);
  for (const { path } of documents.slice(0, 50)) await slot.review(path);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const { path } of sample) {
      taken.get('Callboard, reviewed').push((await slot.review(path)).times.reviewed);
      for (const { name, args, skipped } of others) {
        if (skipped !== null) continue;
        const begun = performance.now();
        const [command, ...rest] = args(path);
        const { status } = spawnSync(command, rest, { stdio: 'ignore' });
        if (status === 0) taken.get(name).push(performance.now() - begun);
      }
    }
  }
  await slot.stop();
  const ours = median(taken.get('Callboard, reviewed'));
  for (const [name, times] of taken) {
    const skipped = others.find((other) => other.name === name)?.skipped ?? null;
    const ratio = name.startsWith('Callboard') ? '' : `, ${(median(times) / ours).toFixed(1)} times as long`;
    if (skipped !== null) print(name, `skipped: ${skipped}`);
    else if (times.length === 0) print(name, 'failed on all of them');
    else print(name, `median ${median(times).toFixed(0)} ms of ${times.length} runs${ratio}`);
  }
  print('', 'bars: 3 times openapi-typescript, 20 times OpenAPI Generator');
}

/** A process with one slot, pinned to the last core where that can be done. */
function startSlot(isPinned = true) {
  const canPin = isPinned && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
  const core = cpus().length - 1;
  const command = [process.execPath, join(import.meta.dirname, 'documents-slot.mjs')];
  const [program, ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  let settle = null;
  child.on('message', (result) => settle.resolve(result));
  void exited.then(([code]) => settle?.reject(new Error(`The slot's process ended with ${code}.`)));
  return {
    where: canPin ? `on core ${core}` : isPinned ? '(not pinned to a core: there is no taskset)' : '',
    review: (path) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        child.send({ path });
      }),
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
}

function memory(results) {
  const most = (key) => Math.max(...results.map((result) => result[key])).toFixed(0);
  return `generator ${most('generatorMb')} MiB, compiler ${most('compilerMb')} MiB, host ${most('hostMb')} MiB`;
}

function percentiles(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(0)} ms`;
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

function print(what, figure) {
  console.log(`  ${what.padEnd(32)} ${figure}`);
}
