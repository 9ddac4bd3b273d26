/**
 * Sweeps a folder of OpenAPI documents through all that a Spec goes through: generation in a child process, type-check of the whole
 * client folder, self-check of every operation.
 *   npm run specs -- [folder] [--all] [--slots=2]
 * Prints a row for each document that fails (with --all for each document), then the totals, the repairs by code and the timings. Exit code 1 when fewer than
 * 95 % of the documents up to 1 MB succeed.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clientFolder, selfCheck } from '#client-runtime';
import { AppError, Permanent, messageOf } from '#core';
import { ClientGenerator, typecheck, type GeneratedClient, type Warning } from '#openapi';
import { timings } from './timings.js';

const root = join(import.meta.dirname, '../..');
const DOCUMENT = /\.(json|ya?ml)(\.gz)?$/i;
const LARGE_BYTES = 1_000_000;
const LEAST_SUCCESS = 0.95;

interface Outcome {
  readonly name: string;
  readonly bytes: number;
  readonly sentence: string | null;
  readonly isFair: boolean;
  readonly generateMs: number;
  readonly reviewMs: number | null;
  readonly warnings: readonly Warning[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, slots: { type: 'string', default: '1' } },
});
const folder = resolve(positionals[0] ?? join(root, '../shared/specs'));
if (!existsSync(folder)) {
  console.log(`No documents: ${folder} does not exist. Name a folder: npm run specs -- FOLDER`);
  process.exit(0);
}
const slots = Number(values.slots);
const generator = new ClientGenerator({ slots });
const names = await documentsIn(folder);
const outcomes: Outcome[] = [];
await Promise.all(Array.from({ length: slots }, () => sweep()));
await generator.close();
process.exitCode = report();

async function documentsIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && DOCUMENT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function sweep(): Promise<void> {
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const outcome = await tryDocument(name);
    outcomes.push(outcome);
    if (values.all || outcome.sentence !== null) printRow(outcome);
  }
}

async function tryDocument(path: string): Promise<Outcome> {
  const document = await readFile(path);
  const name = relative(folder, path);
  const begun = performance.now();
  let generated: GeneratedClient;
  try {
    generated = await generator.generate(document);
  } catch (error) {
    const fault = { sentence: messageOf(error), isFair: error instanceof Permanent && error.code !== 'SPEC_FAULT' };
    return {
      name,
      bytes: document.length,
      ...fault,
      generateMs: performance.now() - begun,
      reviewMs: null,
      warnings: [],
    };
  }
  const generateMs = performance.now() - begun;
  const sentence = await review(generated);
  const reviewMs = performance.now() - begun - generateMs;
  return {
    name,
    bytes: document.length,
    sentence,
    isFair: sentence === null,
    generateMs,
    reviewMs,
    warnings: generated.warnings,
  };
}

async function review({ table, yaml, types }: GeneratedClient): Promise<string | null> {
  try {
    const spec = { traceId: 'AAAAAAAAAAAAAAAA', name: 'swept' };
    const fault = await typecheck(await clientFolder({ spec, table, yaml, types, now: 0 }));
    if (fault !== null) return `Types: ${fault}`;
    const [first, ...others] = await selfCheck(table);
    return first === undefined
      ? null
      : `Self-check: ${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
  } catch (error) {
    return error instanceof AppError ? error.message : `${messageOf(error)} (not an AppError)`;
  }
}

function printRow({ name, bytes, sentence, generateMs, reviewMs, warnings }: Outcome): void {
  const status = sentence === null ? 'SUCCESS' : 'ERROR';
  const times = `${generateMs.toFixed(0).padStart(6)} ms + ${reviewMs?.toFixed(0).padStart(5) ?? '     '} ms`;
  const size = `${(bytes / 1000).toFixed(0).padStart(6)} KB`;
  console.log(`${status.padEnd(7)} ${size} ${times} ${String(warnings.length).padStart(4)} warnings  ${name}`);
  if (sentence !== null) console.log(`        ${sentence}`);
}

/** How many repairs of each code were made, in how many documents. */
function repairs(): string {
  const byCode = new Map<string, { count: number; documents: number }>();
  for (const { warnings } of outcomes) {
    for (const code of new Set(warnings.map((warning) => warning.code))) {
      const sum = byCode.get(code) ?? { count: 0, documents: 0 };
      sum.count += warnings.filter((warning) => warning.code === code).length;
      sum.documents += 1;
      byCode.set(code, sum);
    }
  }
  const sorted = [...byCode].sort(([, a], [, b]) => b.count - a.count);
  const shown = sorted.map(([code, { count, documents }]) => `${count} ${code} in ${documents} documents`);
  return shown.length === 0 ? 'none' : shown.join(', ');
}

function report(): number {
  const small = outcomes.filter((outcome) => outcome.bytes <= LARGE_BYTES);
  const succeeded = (list: readonly Outcome[]): number => list.filter((outcome) => outcome.sentence === null).length;
  const unfair = outcomes.filter((outcome) => outcome.sentence !== null && !outcome.isFair);
  console.log(
    `\n${succeeded(small)} of ${small.length} documents up to 1 MB succeeded, ${succeeded(outcomes)} of ${outcomes.length} in all.`,
  );
  console.log(`${unfair.length} failures are ours; the others name what is wrong with the document.`);
  console.log(`Repairs: ${repairs()}.`);
  console.log(
    timings(
      'generate',
      outcomes.map((outcome) => outcome.generateMs),
    ),
  );
  console.log(
    timings(
      'review',
      outcomes.flatMap((outcome) => outcome.reviewMs ?? []),
    ),
  );
  return small.length > 0 && succeeded(small) / small.length < LEAST_SUCCESS ? 1 : 0;
}
