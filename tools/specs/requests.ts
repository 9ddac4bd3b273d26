/**
 * Samples calls of every operation of a folder of OpenAPI documents: builds each request, sends it to a server of its
 * own, reads the raw request back by the document's rules, and compares with what went in. The reader shares no code
 * with the builder.
 *   npm run specs:requests -- [folder] [--samples=3] [--seed=1] [--only=part of a name] [--show=3] [--made-up=0]
 * With --made-up=N it takes N documents that it makes up itself, of every style, place and media type, in their place.
 * Prints the share of samples that read back equal, what no reader could read back, and the classes of faults. Exit
 * code 1 below 99.9 %.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HttpCaller, buildRequest, findOperation } from '#client-runtime';
import { messageOf, type Operation, type OperationTable } from '#core';
import { compileDocument, toTable } from '#openapi';
import { CallSampler } from './requests/call.js';
import { CaptureServer, type RawRequest } from './requests/capture.js';
import { DocumentMaker } from './requests/made-up.js';
import { faultsOf } from './requests/judge.js';
import { Random } from './requests/random.js';
import { Sampler, field, isObject, type Json, type Resolve } from './requests/sample.js';

const root = join(import.meta.dirname, '../..');
const DOCUMENT = /\.(json|ya?ml)(\.gz)?$/i;
const LEAST_EQUAL = 0.999;
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    show: { type: 'string', default: '3' },
    'made-up': { type: 'string', default: '0' },
  },
});
const folder = resolve(positionals[0] ?? join(root, '../shared/specs'));
if (!existsSync(folder)) {
  console.log(`No documents: ${folder} does not exist. Name a folder: npm run specs:requests -- FOLDER`);
  process.exit(0);
}

const server = new CaptureServer();
const url = await server.start();
const caller = new HttpCaller();
const counts = { documents: 0, refused: 0, operations: 0, samples: 0, equal: 0 };
const unreadable = new Map<string, number>();
const faults = new Map<string, string[]>();

const madeUp = Number(values['made-up']);
for (let i = 0; i < madeUp; i += 1) {
  const document = new DocumentMaker(new Random(`${values.seed} document ${i}`)).document(20);
  if (!`made up ${i}`.includes(values.only)) continue;
  await sweepDocument(`made up ${i}`, Buffer.from(JSON.stringify(document)));
}
if (madeUp === 0) {
  for (const path of await documentsIn(folder)) await sweepDocument(relative(folder, path), await readFile(path));
}
await caller.close();
server.stop();
process.exitCode = report();

async function documentsIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && DOCUMENT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => name.includes(values.only))
    .sort();
}

async function sweepDocument(name: string, document: Buffer): Promise<void> {
  let compiled: Awaited<ReturnType<typeof compileDocument>>;
  try {
    compiled = await compileDocument(document);
  } catch {
    counts.refused += 1;
    return;
  }
  counts.documents += 1;
  const { table } = toTable(compiled);
  const follow: Resolve = (node) => compiled.references.resolve(node);
  for (const [endpoint, item] of Object.entries(field(compiled.root, 'paths') ?? {})) {
    if (!isObject(item)) continue;
    const more = field(item, 'additionalOperations');
    const nodes = [
      ...METHODS.map((method): [string, unknown] => [method, item[method]]),
      ...Object.entries(isObject(more) ? more : {}),
    ];
    for (const [method, node] of nodes) {
      if (!isObject(node)) continue;
      counts.operations += 1;
      for (let i = 0; i < Number(values.samples); i += 1) {
        await trySample({
          name,
          table,
          endpoint,
          item,
          node,
          method,
          follow,
          seed: `${values.seed} ${name} ${method} ${endpoint} ${i}`,
        });
      }
    }
  }
}

interface Subject {
  readonly name: string;
  readonly table: OperationTable;
  readonly endpoint: string;
  readonly item: Json;
  readonly node: Json;
  readonly method: string;
  readonly follow: Resolve;
  readonly seed: string;
}

async function trySample({ name, table, endpoint, item, node, method, follow, seed }: Subject): Promise<void> {
  const random = new Random(seed);
  const sampler = new CallSampler(random, new Sampler(random, follow), follow);
  const place = `${name} ${method.toUpperCase()} ${endpoint}`;
  counts.samples += 1;
  let operation: Operation;
  try {
    operation = findOperation(table, method, endpoint);
  } catch (error) {
    note(`no operation: ${messageOf(error)}`, place);
    return;
  }
  const call = sampler.call(table, operation, item, node);
  if (call.unreadable !== undefined) {
    counts.samples -= 1;
    unreadable.set(call.unreadable, (unreadable.get(call.unreadable) ?? 0) + 1);
    return;
  }
  let raw: RawRequest;
  try {
    await caller.call(buildRequest(table, operation, { ...call.input, url }), { timeoutMs: 10_000 });
    raw = server.take();
  } catch (error) {
    note(`refused: ${messageOf(error)}`, place);
    return;
  }
  const schema = call.body && field(call.body.media, 'schema');
  const isFileField = (field_: string): boolean => sampler.isFile(schema, field_);
  const found = faultsOf(raw, operation.method, endpoint, operation.template, call, isFileField);
  if (found.length === 0) counts.equal += 1;
  else note(found[0] ?? '', place);
}

/** Faults of one class differ in names and values only. */
function note(fault: string, place: string): void {
  const words = fault.replace(/"[^"]*"|[\w.[\]$-]+(?= is required)/g, '…').split(/[:(]/)[0] ?? fault;
  const style = /\(([^)]*)\)/.exec(fault)?.[1] ?? '';
  const key = `${words.replace(/^(path|query|header|cookie) .*/, '$1')} ${style}`.trim();
  faults.set(key, [...(faults.get(key) ?? []), `${place}\n        ${fault.slice(0, 1500)}`]);
}

function report(): number {
  for (const [key, places] of [...faults].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`${String(places.length).padStart(6)}  ${key}`);
    for (const place of places.slice(0, Number(values.show))) console.log(`      ${place}`);
  }
  for (const [reason, count] of unreadable)
    console.log(`${String(count).padStart(6)}  left out, nobody could read it back: ${reason}`);
  const share = counts.samples === 0 ? 0 : counts.equal / counts.samples;
  console.log(
    `\n${counts.equal} of ${counts.samples} samples read back equal (${(share * 100).toFixed(3)} %), of ${counts.operations} operations in ${counts.documents} documents (${counts.refused} refused).`,
  );
  return share < LEAST_EQUAL ? 1 : 0;
}
