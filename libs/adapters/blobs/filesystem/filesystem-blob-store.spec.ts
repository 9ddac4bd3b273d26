import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { runBlobStoreConformance } from '#testing';
import { FilesystemBlobStore } from './filesystem-blob-store.js';

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(entries.map(async (entry) => (await stat(join(folder, entry))).isFile() && entry));
  return files.filter((file) => file !== false);
}

runBlobStoreConformance('FilesystemBlobStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-blobs-'));
  return {
    store: new FilesystemBlobStore({ folder: join(folder, 'made', 'later') }),
    contents: () => filesIn(folder),
    close: () => rm(folder, { recursive: true }),
  };
});

describe('FilesystemBlobStore', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-blobs-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('finds its blobs again, and removes what was left unfinished', async () => {
    const first = new FilesystemBlobStore({ folder });
    await first.put('a/b', Buffer.from('kept'));
    await writeFile(join(folder, '+unfinished', 'left'), 'half of');
    const second = new FilesystemBlobStore({ folder });
    await second.prepare();
    expect(await filesIn(folder)).toEqual(['a+/b']);
    expect(await readFile(join(folder, 'a+', 'b'), 'utf8')).toBe('kept');
  });

  it('leaves no empty folders behind', async () => {
    const store = new FilesystemBlobStore({ folder });
    await store.put('a/b/c', Buffer.from('x'));
    await store.remove('a/b/c');
    expect(await readdir(folder)).toEqual(['+unfinished']);
  });

  it('has a copy be as young as it is, and not as old as what it is of', async () => {
    const store = new FilesystemBlobStore({ folder });
    await store.put('a/old', Buffer.from('x'));
    await utimes(join(folder, 'a+', 'old'), 0, 0);
    await store.put('a/new', Buffer.from('x'));
    const { mtimeMs } = await stat(join(folder, 'a+', 'new'));
    await store.copy('a/old', 'b/copy');
    for await (const { storedAt } of store.list('b')) expect(storedAt).toBeGreaterThanOrEqual(mtimeMs);
    expect.assertions(1);
  });

  it('says in one sentence, without a path, why it cannot be used, and goes on when it can', async () => {
    const place = join(folder, 'taken');
    await writeFile(place, 'a file where a folder should be');
    const store = new FilesystemBlobStore({ folder: place });
    await expect(store.prepare()).rejects.toThrow(Unavailable);
    await expect(store.put('a', Buffer.from('x'))).rejects.toThrow(
      /^Expected to prepare the folder for blobs, got E[A-Z]+: [a-z ]+\.$/,
    );
    await rm(place);
    expect(await store.put('a', Buffer.from('x'))).toBe(1);
  });
});
