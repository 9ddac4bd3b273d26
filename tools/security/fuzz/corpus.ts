import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'corpus');

export interface Kept {
  readonly file: string;
  readonly bytes: Buffer;
}

/** The inputs of a target that were worth keeping: what broke it once, and what nearly did. */
export async function corpusOf(target: string): Promise<readonly Kept[]> {
  const folder = join(FOLDER, target);
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => ({ file: join(target, name), bytes: await readFile(join(folder, name)) })),
  );
}

/** Keeps an input under a name made of its content. */
export async function keep(target: string, bytes: Buffer): Promise<string> {
  await mkdir(join(FOLDER, target), { recursive: true });
  const file = join(target, createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  await writeFile(join(FOLDER, file), bytes);
  return file;
}
