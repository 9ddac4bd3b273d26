import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Files } from './judge.js';

/** Clients are imported by so many in one process. */
const BATCH = 40;
const DEADLINE_MS = 120_000;
const CHILD = join(import.meta.dirname, 'import-child.mjs');

/** Imports each client in a process that can do nothing else; what ran or changed there, by the name of its document. */
export async function importClients(clients: ReadonlyMap<string, Files>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-hostile-'));
  const faults: string[] = [];
  try {
    const names = [...clients.keys()];
    for (const [index, files] of [...clients.values()].entries()) await write(join(folder, String(index)), files);
    const folders = names.map((_, index) => join(folder, String(index)));
    for (let at = 0; at < folders.length; at += BATCH) {
      for (const { index, fault } of await importAll(folder, folders.slice(at, at + BATCH))) {
        faults.push(`${names[at + index] ?? 'a client'}: ${fault}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return faults;
}

async function write(folder: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

async function importAll(root: string, folders: readonly string[]): Promise<{ index: number; fault: string }[]> {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const options = [permission, '--no-warnings', `--allow-fs-read=${join(root, '*')}`, `--allow-fs-read=${CHILD}`];
  const { stdout } = await promisify(execFile)(process.execPath, [...options, CHILD, ...folders], {
    cwd: root,
    env: {},
    timeout: DEADLINE_MS,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { folder?: string; fault?: string; done?: number });
  if (lines.at(-1)?.done !== folders.length)
    return [{ index: 0, fault: 'importing it and those after it did not end in order' }];
  return lines.flatMap(({ folder, fault }) =>
    fault === undefined ? [] : [{ index: folders.indexOf(folder ?? ''), fault }],
  );
}
