/**
 * npm run fuzz -- [--seconds 600] [--target NAME]… [--seed N]: gives the readers of untrusted input what nobody should send,
 * after all that is kept in tools/security/corpus. What breaks one, or takes it too long, is made small, kept there and
 * printed. Exit code 1 when anything did.
 */
import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Report } from './child.js';
import { keep } from './corpus.js';
import { TARGETS } from './targets.js';

/** No reader may take longer for one input of at most 200 KB, on a machine that has other things to do. */
const LONGEST_MS = 20_000;
/** A target that breaks all the time is told of so often. */
const MOST_TOLD = 5;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string' },
  },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
const targets = TARGETS.filter(({ name }) => values.target?.includes(name) ?? true);
if (targets.length === 0 || targets.length < (values.target?.length ?? 0) || !(Number(values.seconds) > 0)) {
  console.error(`Expected a number of seconds, and targets among ${TARGETS.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
const share = Number(values.seconds) / targets.length;
console.log(`Fuzzing ${targets.map(({ name }) => name).join(', ')} for ${share.toFixed(0)} s each; --seed ${seed}`);
let broken = 0;
for (const { name } of targets) broken += await fuzz(name);
console.log(
  broken === 0 ? 'Nothing broke.' : `${broken} inputs broke something; they are kept in tools/security/corpus.`,
);
process.exitCode = broken === 0 ? 0 : 1;

/** @returns how many inputs broke the target. */
async function fuzz(name: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-fuzz-'));
  const file = join(folder, 'input');
  const seen = new Set<string>();
  let tried = 0;
  const keeping: Promise<void>[] = [];
  const tellOf = async (input: Buffer, error: string): Promise<void> => {
    // One fault is found again and again, by other inputs.
    const kind = error.replace(/["'`].*|\d+/g, '').slice(0, 80);
    if (seen.has(kind) || seen.size >= MOST_TOLD) return;
    seen.add(kind);
    console.log(`${name}: ${error.slice(0, 400)}\n    ${await keep(name, input)}`);
  };
  const child = fork(join(import.meta.dirname, 'child.ts'), [name, String(share), seed, file], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (report: Report) => {
    if (report.kind === 'tried') tried = report.count;
    if (report.kind === 'broken') keeping.push(tellOf(Buffer.from(report.input, 'base64'), report.error));
  });
  const watch = watchFor(file, async (input) => {
    child.kill('SIGKILL');
    await tellOf(input, `It takes longer than ${LONGEST_MS / 1000} s.`);
  });
  const code = await new Promise((resolve) => child.once('exit', (exit, signal) => resolve(exit ?? signal)));
  clearInterval(watch);
  await Promise.all(keeping);
  if (code !== 0 && code !== 'SIGKILL')
    await tellOf((await current(file)).input, `The process ended with ${String(code)}.`);
  await rm(folder, { recursive: true, force: true });
  console.log(`${name}: ${tried.toLocaleString('en')} tried, ${seen.size} broke`);
  return seen.size;
}

/** Watches that the input changes. */
function watchFor(file: string, onHang: (input: Buffer) => Promise<void>): NodeJS.Timeout {
  let last = -1;
  let since = performance.now();
  return setInterval(() => {
    void current(file).then(async ({ count, input }) => {
      if (count !== last) since = performance.now();
      else if (count > 0 && performance.now() - since > LONGEST_MS) {
        since = Infinity;
        await onHang(input);
      }
      last = count;
    });
  }, 1_000);
}

async function current(file: string): Promise<{ count: number; input: Buffer }> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  if (bytes.length < 8) return { count: 0, input: bytes };
  return { count: bytes.readUInt32LE(0), input: bytes.subarray(8, 8 + bytes.readUInt32LE(4)) };
}
