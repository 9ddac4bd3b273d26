/** The consumer component as a package, used where nothing of this repository is. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { COMPILERS, emptyFolder, node, write } from './generated.js';

const root = join(import.meta.dirname, '../..');
/** A compiler takes seconds where other tests run beside it. */
const TIMEOUT_MS = 60_000;

const IN_MEMORY = `
import { ConsumerBuilder, MemoryMessage, MemoryQueue } from 'callboard-consumer';
const queue = new MemoryQueue('letters');
const stop = new AbortController();
queue.push(new MemoryMessage(queue, Buffer.from('"hello"')));
await ConsumerBuilder.of('letters', queue, (message) => {
  console.log(message.decode());
  stop.abort();
}).build().run(stop.signal);
`;

/** What the README's example takes for granted. */
const AROUND = `
declare const seconds_of_orders: { observe(labels: object, seconds: number): void };
declare const failed_orders: { inc(labels: object): void };
declare const reconnects: { inc(): void };
declare function ship(id: string, signal: AbortSignal): Promise<void>;
declare function inSpanOf<T>(traceparent: unknown, process: () => T): T;
`;

let folder: Awaited<ReturnType<typeof emptyFolder>>;

beforeAll(async () => {
  folder = await emptyFolder();
  const modules = join(folder.path, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await node(root, 'tools/consumer-package.mjs', join(modules, 'callboard-consumer'));
  for (const name of ['amqplib', '@types/node', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  const readme = await readFile(join(modules, 'callboard-consumer/README.md'), 'utf8');
  await write(folder.path, {
    'package.json': JSON.stringify({ name: 'user', type: 'module' }),
    'memory.mjs': IN_MEMORY,
    'example.ts': (/```ts\n([^]*?)```/.exec(readme)?.[1] ?? '') + AROUND,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] },
      files: ['example.ts'],
    }),
  });
}, TIMEOUT_MS);
afterAll(() => folder.remove());

test('runs', async () => {
  expect(await node(folder.path, 'memory.mjs')).toBe('hello\n');
});

test(
  'type-checks as its README has it',
  async () => {
    expect(await node(folder.path, COMPILERS['TypeScript 7'], '-p', '.')).toBe('');
  },
  TIMEOUT_MS,
);

test('brings nothing else along', async () => {
  const text = await readFile(join(folder.path, 'node_modules/callboard-consumer/package.json'), 'utf8');
  const manifest = JSON.parse(text) as { dependencies?: object; peerDependencies: object };
  expect(manifest.dependencies).toBeUndefined();
  expect(Object.keys(manifest.peerDependencies)).toEqual(['amqplib']);
});
