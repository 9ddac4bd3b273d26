import { link, mkdir, open, opendir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { OpenPayload, StoredBlob } from '#core';
import { BlobStore, newTraceId, Unavailable } from '#core';
import { CountedStream } from '../counted-stream.js';
import { checkBlobName } from '../name.js';

/** How often a blob is put in place anew when its folder was removed meanwhile. */
const PLACING_ATTEMPTS = 5;

export interface FilesystemBlobStoreOptions {
  /** Made when it is missing. One store object at a time may use it: at its start it removes unfinished files. */
  readonly folder: string;
}

/**
 * Blobs as files. A blob is written under a temporary name, brought to the disk, and then renamed, which is what makes
 * it whole or absent. Folders carry a `+`, which no blob name has: so a blob `a` and a blob `a/b` never meet, nor
 * does any meet the folder of temporary files.
 */
export class FilesystemBlobStore extends BlobStore {
  private readonly folder: string;
  private readonly unfinished: string;
  private prepared: Promise<void> | undefined;

  constructor({ folder }: FilesystemBlobStoreOptions) {
    super();
    this.folder = folder;
    this.unfinished = join(folder, '+unfinished');
  }

  /**
   * Makes the folder and removes what an earlier life left unfinished. Every `put` sees to it that this was done; an
   * application calls it first to learn at once of a folder that cannot be used.
   * @throws Unavailable when the folder cannot be written.
   */
  prepare(): Promise<void> {
    this.prepared ??= translated('prepare the folder for blobs', async () => {
      await rm(this.unfinished, { recursive: true, force: true });
      await mkdir(this.unfinished, { recursive: true });
    }).catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    return this.prepared;
  }

  async put(name: string, content: Buffer | Readable): Promise<number> {
    checkBlobName(name);
    const source = Buffer.isBuffer(content) ? content : new CountedStream(content);
    try {
      await this.prepare();
      return await translated('store a blob', () => this.write(this.pathOf(name), source));
    } catch (error) {
      if (!Buffer.isBuffer(content)) content.destroy();
      throw source instanceof CountedStream && source.failure ? source.failure.error : error;
    }
  }

  async open(name: string): Promise<OpenPayload | null> {
    checkBlobName(name);
    return translated('open a blob', async () => {
      const file = await open(this.pathOf(name), 'r').catch(nullWhenAbsent);
      if (!file) return null;
      const { size } = await file.stat();
      return { bytes: size, stream: file.createReadStream() };
    });
  }

  async remove(name: string): Promise<void> {
    checkBlobName(name);
    const path = this.pathOf(name);
    await translated('remove a blob', () => rm(path, { force: true }));
    for (let folder = dirname(path); folder !== this.folder; folder = dirname(folder)) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  async copy(from: string, to: string): Promise<boolean> {
    checkBlobName(from);
    checkBlobName(to);
    await this.prepare();
    return translated('copy a blob', async () => {
      const temporary = join(this.unfinished, newTraceId());
      try {
        // A second name for the same bytes: nothing writes into a file that is in place.
        await link(this.pathOf(from), temporary);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      }
      try {
        // Both names have one time from now on, which the folder has just been given: by that of the first, a blob that is
        // about to be named could be taken for one that nobody names.
        const { mtime } = await stat(this.unfinished);
        await utimes(temporary, mtime, mtime);
        await place(temporary, this.pathOf(to));
      } finally {
        // Renaming one name of a file to another of the same does nothing.
        await rm(temporary, { force: true });
      }
      return true;
    });
  }

  async *list(folder: string): AsyncIterable<StoredBlob> {
    checkBlobName(folder);
    const segments = folder.split('/').map((segment) => `${segment}+`);
    yield* listed(join(this.folder, ...segments), folder);
  }

  private pathOf(name: string): string {
    return join(
      this.folder,
      ...name.split('/').map((segment, n, all) => (n < all.length - 1 ? `${segment}+` : segment)),
    );
  }

  private async write(path: string, source: Buffer | CountedStream): Promise<number> {
    const temporary = join(this.unfinished, newTraceId());
    try {
      const file = await open(temporary, 'wx');
      try {
        // Its types do not say so, but a file handle takes any iterable of bytes.
        await file.writeFile(source as Buffer);
        await file.sync();
      } finally {
        await file.close();
      }
      await place(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    return source instanceof CountedStream ? source.bytes : source.length;
  }
}

/** Renames a file into its folder, and brings the names to the disk too. */
async function place(temporary: string, path: string): Promise<void> {
  const folder = dirname(path);
  for (let attempt = 1; ; attempt += 1) {
    const made = await mkdir(folder, { recursive: true });
    try {
      await rename(temporary, path);
      await syncFolder(folder);
      for (let each = folder; made !== undefined && each.length >= made.length; each = dirname(each)) {
        await syncFolder(dirname(each));
      }
      return;
    } catch (error) {
      // Removing the last blob of a folder removes the folder, which may be just now.
      if (codeOf(error) !== 'ENOENT' || attempt === PLACING_ATTEMPTS) throw error;
    }
  }
}

/** The blobs of a folder and all below it; what is gone before it is looked at is passed over. */
async function* listed(path: string, name: string): AsyncIterable<StoredBlob> {
  const entries = await translated('list blobs', () => opendir(path).catch(nullWhenAbsent));
  if (!entries) return;
  for await (const entry of entries) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) {
      yield* listed(inner, `${name}/${entry.name.slice(0, -1)}`);
      continue;
    }
    const found = await translated('list blobs', () => stat(inner).catch(nullWhenAbsent));
    if (found) yield { name: `${name}/${entry.name}`, bytes: found.size, storedAt: found.mtimeMs };
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function translated<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    // Such as "ENOSPC: no space left on device"; what follows the comma names paths.
    const [fault] = (cause as Error).message.split(',');
    throw new Unavailable('BLOB_STORE_UNAVAILABLE', `Expected to ${doing}, got ${fault}.`, { cause });
  }
}

function nullWhenAbsent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}
