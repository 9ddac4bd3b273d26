/** Generated clients as files on a disk, outside this repository. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { fromBufferPromise } from 'yauzl';
import { clientFolder } from '#client-runtime';
import { ClientGenerator } from '#openapi';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
/** The compilers that this repository has: TypeScript 7 and 5.9. */
export const COMPILERS = {
  'TypeScript 7': join(root, 'node_modules/typescript-native/bin/tsc'),
  'TypeScript 5.9': join(root, 'node_modules/typescript/bin/tsc'),
} as const;

export const SPEC = {
  traceId: '0iNULRtUjwi8DJoz',
  name: 'Pet shop',
  version: 3,
  updatedAt: Date.UTC(2026, 0, 2, 3, 4, 6),
};

/** Makes sure that the runtime which clients are given is this commit's. */
export async function bundleRuntime(): Promise<void> {
  await run(process.execPath, [join(root, 'tools/runtime-bundle.mjs')]);
}

/** The files of the client of a document, as a worker writes them. */
export async function clientOf(
  document: object | Uint8Array,
  spec = SPEC,
  given?: ClientGenerator,
): Promise<Record<string, string>> {
  const generator = given ?? new ClientGenerator();
  try {
    const bytes = document instanceof Uint8Array ? document : Buffer.from(JSON.stringify(document));
    const { table, yaml, types } = await generator.generate(bytes);
    return await clientFolder({ spec, table, yaml, types, now: spec.updatedAt });
  } finally {
    if (!given) await generator.close();
  }
}

/** A new folder outside the repository, where nothing is installed. */
export async function emptyFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'callboard-types-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

export interface ZipEntry {
  /** With forward slashes. */
  readonly path: string;
  readonly mode: number;
  readonly modified: Date;
  readonly bytes: Buffer;
}

export async function readZip(zip: Buffer): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  const file = await fromBufferPromise(zip);
  for await (const entry of file.eachEntry()) {
    entries.push({
      path: entry.fileName,
      mode: (entry.externalFileAttributes >>> 16) & 0o777,
      modified: entry.getLastModDate({ timezone: 'UTC' }),
      bytes: await buffer(await file.openReadStreamPromise(entry)),
    });
  }
  return entries;
}

/** Unpacks a zip as a careful tool does: nothing leaves the folder. */
export async function unzip(zip: Buffer, folder: string): Promise<void> {
  for (const { path, mode, bytes } of await readZip(zip)) {
    const target = resolve(folder, path);
    if (!target.startsWith(`${folder}/`)) throw new Error(`${path} leaves the folder.`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
    await chmod(target, mode);
  }
}

/** Runs a program of Node.js there; what it prints. Rejects with both outputs when it fails. */
export async function node(folder: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
