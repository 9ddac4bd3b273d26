/**
 * Gives the generator what nobody should send: small documents with each value and each name in turn replaced, published documents
 * that are cut off or have bytes changed, and documents far too large; every one has to end with a client whose types compile, or with
 * a sentence that names what was expected and what came.
 *   npm run specs:hostile -- [folder] [--documents=20] [--cuts=30] [--flips=30]
 * Prints what ended otherwise, then counts. Exit code 1 when anything did.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Permanent, messageOf } from '#core';
import { ClientGenerator, typecheck } from '#openapi';
import * as documents from '../../libs/testing/documents/index.js';
import { largeDocuments } from './large.js';
import { seeded } from './random.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    documents: { type: 'string', default: '20' },
    cuts: { type: 'string', default: '30' },
    flips: { type: 'string', default: '30' },
  },
});
const SENTENCE = /^Expected [^\n]{8,400}\.$/;
const BATCH = 100;
const LONGEST_MS = 30_000;

const generator = new ClientGenerator({ timeoutMs: LONGEST_MS });
const counts = new Map<string, number>();
let pending: { name: string; types: string }[] = [];
let longest = { name: '', ms: 0 };

for (const [version, document] of Object.entries(documents.richDocuments())) {
  await tryAll(`values of ${version}`, documents.withEachValueReplaced(document));
  await tryAll(`names of ${version}`, documents.withEachNameReplaced(document, documents.HOSTILE_NAMES));
}
for (const [name, bytes] of documents.oddTexts()) await tryOne('ways of writing', name, bytes);
for (const [name, bytes] of largeDocuments()) await tryOne('large ones', name, bytes);
await tryPublished(resolve(positionals[0] ?? join(import.meta.dirname, '../../../shared/specs')));
await check();
await generator.close();
for (const [what, count] of [...counts].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${String(count).padStart(6)}  ${what}`);
}
console.log(`Longest: ${longest.ms.toFixed(0)} ms for ${longest.name}.`);
process.exitCode = [...counts.keys()].some((what) => what.includes('DISORDER')) ? 1 : 0;

async function tryAll(group: string, broken: Iterable<documents.BrokenDocument>): Promise<void> {
  for (const { name, document } of broken) await tryOne(group, name, Buffer.from(JSON.stringify(document)));
}

async function tryPublished(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
  const every = Math.max(1, Math.floor(names.length / Number(values.documents)));
  for (const [index, name] of names.entries()) {
    if (index % every !== 0) continue;
    const bytes = await readFile(join(folder, name));
    const random = seeded(index);
    for (let cut = 0; cut < Number(values.cuts); cut += 1) {
      const length = Math.floor(random() * bytes.length);
      await tryOne('cut off', `${name} after ${length} bytes`, bytes.subarray(0, length));
    }
    for (let flip = 0; flip < Number(values.flips); flip += 1) {
      const changed = Buffer.from(bytes);
      for (let count = 0; count <= flip % 4; count += 1) {
        const offset = Math.floor(random() * bytes.length);
        changed[offset] = (changed[offset] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      await tryOne('bits changed', `${name}, change ${flip}`, changed);
    }
  }
}

async function tryOne(group: string, name: string, bytes: Buffer): Promise<void> {
  const begun = performance.now();
  try {
    const { types } = await generator.generate(bytes);
    count(`${group}: clients`);
    pending.push({ name: `${group}: ${name}`, types });
    if (pending.length >= BATCH) await check();
  } catch (error) {
    const message = messageOf(error);
    const isFair = error instanceof Permanent && error.code !== 'SPEC_FAULT' && SENTENCE.test(message);
    count(isFair ? `${group}: refusals` : `${group}: DISORDER`);
    if (!isFair) console.log(`${group}: ${name}\n    ${message}`);
  }
  const ms = performance.now() - begun;
  if (ms > longest.ms) longest = { name: `${group}: ${name}`, ms };
}

/** Many types are checked at once; when that fails, each alone. */
async function check(): Promise<void> {
  const batch = pending;
  pending = [];
  if ((await typecheck(Object.fromEntries(batch.map(({ types }, index) => [`t${index}.ts`, types])))) === null) return;
  for (const { name, types } of batch) {
    const fault = await typecheck({ 'types.ts': types });
    if (fault === null) continue;
    count('types that do not compile: DISORDER');
    console.log(`${name}\n    ${fault}`);
  }
}

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
