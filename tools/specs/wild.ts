/**
 * Makes the slips that publishers make in documents that are good, and requires of each mutant what is required of a document from the
 * wild: it becomes a client whose types compile, a Swagger 2.0 document loses nothing, every warning names a place.
 *   npm run specs:wild -- [folder] [--mutants=5] [--most=3] [--seed=1] [--largest=300000] [--only=name] [--match=file] [--folder] [--keep=folder]
 * Prints each failure with what was done to which document, then the totals by cause. Exit code 1 when any failed.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import yaml from 'js-yaml';
import { clientFolder, selfCheck } from '#client-runtime';
import { Permanent, messageOf } from '#core';
import { ClientGenerator, typecheck, type GeneratedClient } from '#openapi';
import { keptOf, lossesOf } from '../../libs/testing/documents/losses.js';
import { anatomyOf, isNode, type Node } from './anatomy.js';
import { DOCUMENT_MUTATIONS } from './mutations/document.js';
import type { Mutation } from './mutations/odd.js';
import { OPERATION_MUTATIONS } from './mutations/operation.js';
import { SCHEMA_MUTATIONS } from './mutations/schema.js';
import { pick, seeded } from './random.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutants: { type: 'string', default: '5' },
    most: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    largest: { type: 'string', default: '300000' },
    only: { type: 'string' },
    folder: { type: 'boolean', default: false },
    match: { type: 'string', default: '' },
    keep: { type: 'string' },
  },
});
const ALL: Readonly<Record<string, Mutation>> = { ...DOCUMENT_MUTATIONS, ...OPERATION_MUTATIONS, ...SCHEMA_MUTATIONS };
const NAMES = Object.keys(ALL).filter((name) => values.only === undefined || name.includes(values.only));
const BATCH = 40;

interface Mutant {
  readonly text: string;
  readonly label: string;
  readonly client: GeneratedClient;
}

const folder = resolve(positionals[0] ?? join(import.meta.dirname, '../../../shared/specs'));
const generator = new ClientGenerator({ timeoutMs: 20_000 });
const failures = new Map<string, number>();
let made = 0;
const batch: Mutant[] = [];

for (const path of await documentsIn(folder)) {
  const text = await readFile(path, 'utf8');
  if (text.length > Number(values.largest)) continue;
  const good = goodDocument(path, text);
  if (good === null) continue;
  for (let index = 0; index < Number(values.mutants); index += 1) await mutate(relative(folder, path), good, index);
}
await check(batch);
await generator.close();
console.log(`\n${made} mutants, ${[...failures.values()].reduce((sum, count) => sum + count, 0)} failures.`);
for (const [cause, count] of [...failures].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(6)}  ${cause}`);
process.exitCode = failures.size > 0 ? 1 : 0;

/** The document as it is; null for the few that are not even well-formed. */
function goodDocument(path: string, text: string): Node | null {
  try {
    const json = text.replace(/^\ufeff/, '');
    const read: unknown = path.endsWith('.json') ? JSON.parse(json) : yaml.load(text, { json: true });
    return isNode(read) ? read : null;
  } catch {
    return null;
  }
}

async function mutate(document: string, good: Node, index: number): Promise<void> {
  const random = seeded(Number(values.seed) * 1_000_003 + index * 7_919 + hash(document));
  const root = structuredClone(good);
  const done: string[] = [];
  for (let count = 1 + Math.floor(random() * Number(values.most)); count > 0; count -= 1) {
    const name = pick(random, NAMES) ?? '';
    const before = isNode(root.paths) ? root.paths : (root.paths = {});
    if (!isNode(before)) continue;
    ALL[name]?.(root, anatomyOf(root), random);
    done.push(name);
  }
  const label = `${document} #${index}: ${done.join(' + ')}`;
  made += 1;
  const text = random() < 0.2 ? yaml.dump(root, { noRefs: true, skipInvalid: true }) : JSON.stringify(root);
  try {
    const client = await generator.generate(Buffer.from(text));
    for (const loss of 'swagger' in root
      ? lossesOf(
          JSON.parse(JSON.stringify(root)) as Node,
          keptOf(client.table, yaml.load(client.yaml, { json: true }) as Node),
        )
      : [])
      await fail('loss', label, loss, text);
    const sent = JSON.parse(JSON.stringify(root)) as Node;
    for (const { code, message, pointer } of client.warnings) {
      if (!isThere(sent, pointer)) await fail('place', label, `${code} at ${pointer}: ${message}`, text);
    }
    const [fault] = await selfCheck(client.table);
    if (fault !== undefined) await fail('self-check', label, fault, text);
    batch.push({ label, client, text });
    if (batch.length >= BATCH) await check(batch.splice(0));
  } catch (error) {
    const isFair = error instanceof Permanent && error.code !== 'SPEC_FAULT';
    await fail(isFair ? 'refused' : 'fault', label, messageOf(error), text);
  }
}

/** Whether a warning's place is one of the document: what it names is there, or what should hold it is. */
function isThere(root: Node, pointer: string): boolean {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let node: unknown = root;
  for (const key of keys.slice(0, -1)) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Node)[key];
  }
  return true;
}

/** Many clients are checked at once; when that fails, each alone. */
async function check(mutants: readonly Mutant[]): Promise<void> {
  if (mutants.length === 0) return;
  const files: Record<string, string> = {};
  for (const [index, mutant] of mutants.entries()) Object.assign(files, await filesOf(mutant, `m${index}/`));
  if ((await typecheck(files)) === null) return;
  for (const mutant of mutants) {
    const fault = await typecheck(await filesOf(mutant, ''));
    if (fault !== null) await fail('types', mutant.label, fault, mutant.text);
  }
}

/** The types, or all of the client's folder. */
async function filesOf(
  { client: { table, types, yaml: text } }: Mutant,
  prefix: string,
): Promise<Record<string, string>> {
  if (!values.folder) return { [`${prefix}types.ts`]: types };
  const spec = { traceId: 'AAAAAAAAAAAAAAAA', name: 'mutant', version: 1 };
  const files = await clientFolder({ spec, table, yaml: text, types, now: 0 });
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [prefix + name, content]));
}

async function fail(kind: string, label: string, sentence: string, text: string): Promise<void> {
  console.log(`${kind}: ${label}\n    ${sentence}`);
  const cause = `${kind}: ${sentence.replace(/\/[^ ]*|`[^`]*`|"[^"]*"|'[^']*'|\d+/g, '…').slice(0, 110)}`;
  failures.set(cause, (failures.get(cause) ?? 0) + 1);
  if (values.keep === undefined) return;
  await mkdir(values.keep, { recursive: true });
  await writeFile(join(values.keep, `${label.replace(/[^\w.-]+/g, '_').slice(0, 150)}.txt`), text);
}

async function documentsIn(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => /\.(json|ya?ml)$/i.test(name) && name.includes(values.match))
    .sort()
    .map((name) => join(path, name));
}

function hash(text: string): number {
  let result = 0;
  for (const char of text) result = (Math.imul(result, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return result >>> 0;
}
