import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Permanent } from '#core';
import { runBlobStoreConformance, sampleEncryption } from '#testing';
import { EncryptedBlobStore } from './encrypted-blob-store.js';
import { FilesystemBlobStore } from './filesystem/index.js';

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(entries.map(async (entry) => (await stat(join(folder, entry))).isFile() && entry));
  return files.filter((file) => file !== false);
}

runBlobStoreConformance('EncryptedBlobStore on files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-blobs-'));
  return {
    store: new EncryptedBlobStore(new FilesystemBlobStore({ folder }), sampleEncryption()),
    contents: () => filesIn(folder),
    close: () => rm(folder, { recursive: true }),
  };
});

describe('EncryptedBlobStore', () => {
  let folder: string;
  const encryption = sampleEncryption();
  let files: FilesystemBlobStore;
  let store: EncryptedBlobStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-blobs-'));
    files = new FilesystemBlobStore({ folder });
    store = new EncryptedBlobStore(files, encryption);
  });
  afterEach(async () => {
    encryption.acceptsPlain = false;
    await rm(folder, { recursive: true });
  });

  async function read(name: string): Promise<string> {
    return (await buffer((await store.open(name))!.stream)).toString();
  }

  it('leaves nothing on the disk that can be read, nor that another name would give out', async () => {
    await store.put('bodies/one', Buffer.from('s3cret'));
    await store.put('bodies/two', Readable.from([Buffer.from('another s3cret')]));
    for (const name of ['one', 'two']) {
      expect(await readFile(join(folder, 'bodies+', name), 'latin1')).not.toContain('s3cret');
    }
    await writeFile(join(folder, 'bodies+', 'two'), await readFile(join(folder, 'bodies+', 'one')));
    await expect(read('bodies/two')).rejects.toBeInstanceOf(Permanent);
    expect(await read('bodies/one')).toBe('s3cret');
  });

  it('tells what goes wrong before anybody reads to the reader, and to nobody else', async () => {
    await store.put('bodies/one', Buffer.alloc(200_000));
    encryption.acceptsPlain = true;
    const { bytes, stream } = (await files.open('bodies/one'))!;
    const content = await buffer(stream);
    const line = new Readable({ read: () => undefined });
    line.push(content.subarray(0, 1_000));
    files.open = async () => ({ bytes, stream: line });
    const opened = await store.open('bodies/one');
    line.destroy(new Error('the line is cut'));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(buffer(opened!.stream)).rejects.toThrow('the line is cut');
  });

  it('reads what an older release has stored plain only while there may be some, and encrypts its copies', async () => {
    await files.put('old', Buffer.from('plain and long enough to hold a head'));
    await files.put('empty', Buffer.alloc(0));
    await expect(read('old')).rejects.toBeInstanceOf(Permanent);
    encryption.acceptsPlain = true;
    expect(await read('old')).toBe('plain and long enough to hold a head');
    expect(await read('empty')).toBe('');
    expect(await store.copy('old', 'new')).toBe(true);
    expect(await readFile(join(folder, 'new'), 'latin1')).not.toContain('plain');
    expect(await read('new')).toBe('plain and long enough to hold a head');
  });
});
