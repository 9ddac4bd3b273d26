import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlobStore } from '#core';
import { InvalidInput } from '#core';

const MIB = 1024 * 1024;

/** A blob store under test, in a place of its own that is empty at first. */
export interface BlobHarness {
  readonly store: BlobStore;
  /** Everything that takes room in the place, finished or not. */
  readonly contents: () => Promise<string[]>;
  readonly close: () => Promise<void>;
}

/** The contract of BlobStore, for every implementation. */
export function runBlobStoreConformance(name: string, make: () => Promise<BlobHarness>): void {
  describe(`${name} as a BlobStore`, () => {
    let harness: BlobHarness;
    let store: BlobStore;
    beforeEach(async () => {
      harness = await make();
      ({ store } = harness);
    });
    afterEach(async () => {
      await harness.close();
    });

    async function read(blob: string): Promise<Buffer | null> {
      const opened = await store.open(blob);
      if (!opened) return null;
      const content = await buffer(opened.stream);
      expect(opened.bytes).toBe(content.length);
      return content;
    }

    it('has nothing under a name that was never put, and removes nothing gladly', async () => {
      expect(await store.open('nothing')).toBeNull();
      expect(await store.open('nothing/at/all')).toBeNull();
      await store.remove('nothing');
      await store.remove('nothing/at/all');
    });

    it.each([0, 1, 70_000])('gives back a buffer of %d bytes', async (bytes) => {
      const content = randomBytes(bytes);
      expect(await store.put('a', content)).toBe(bytes);
      expect(await read('a')).toEqual(content);
    });

    it.each([0, 3, 100_000, 5 * MIB, 12 * MIB + 7])('gives back a stream of %d bytes', async (bytes) => {
      const content = randomBytes(bytes);
      expect(await store.put('a', Readable.from(pieces(content, 65_537)))).toBe(bytes);
      expect((await read('a'))?.equals(content)).toBe(true);
      expect(await harness.contents()).toHaveLength(1);
    });

    it('holds little of a long stream in memory', async () => {
      // Long enough that what waits to be collected cannot be taken for what is held.
      const length = 192 * MIB;
      const piece = Buffer.alloc(64 * 1024, 'x');
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      function* long(): Generator<Buffer> {
        for (let n = 0; n < length / piece.length; n += 1) {
          most = Math.max(most, process.memoryUsage().arrayBuffers - before);
          yield piece;
        }
      }
      expect(await store.put('long', Readable.from(long()))).toBe(length);
      expect(most).toBeLessThan(length / 2);
      const hash = createHash('sha256');
      for await (const chunk of (await store.open('long'))!.stream) hash.update(chunk as Buffer);
      const expected = createHash('sha256');
      for (let n = 0; n < length / piece.length; n += 1) expected.update(piece);
      expect(hash.digest('hex')).toBe(expected.digest('hex'));
    });

    it('puts later content in the place of earlier, longer or shorter', async () => {
      for (const text of ['first', 'the second, which is longer', '3']) {
        await store.put('a/b', Buffer.from(text));
        expect((await read('a/b'))?.toString()).toBe(text);
      }
      await store.put('a/b', Readable.from([Buffer.from('fourth')]));
      expect((await read('a/b'))?.toString()).toBe('fourth');
      expect(await harness.contents()).toHaveLength(1);
    });

    it('gives a reader all of the old content or all of the new', async () => {
      const old = randomBytes(2 * MIB);
      const fresh = randomBytes(2 * MIB);
      await store.put('a', old);
      const opened = await store.open('a');
      await store.put('a', fresh);
      expect((await buffer(opened!.stream)).equals(old)).toBe(true);
      expect((await read('a'))?.equals(fresh)).toBe(true);
    });

    it('keeps one whole content of several that are put at once', async () => {
      const contents = Array.from({ length: 8 }, () => randomBytes(300_000));
      await Promise.all(contents.map((content) => store.put('a', Readable.from(pieces(content, 10_000)))));
      const kept = await read('a');
      expect(contents.some((content) => kept?.equals(content))).toBe(true);
      expect(await harness.contents()).toHaveLength(1);
    });

    it.each([10, 11 * MIB])(
      'stores nothing of a stream that fails after %d bytes, and passes its error on',
      async (bytes) => {
        const failure = new Error('the service hung up');
        await expect(store.put('a', Readable.from(failing(bytes, failure)))).rejects.toBe(failure);
        expect(await store.open('a')).toBeNull();
        expect(await harness.contents()).toEqual([]);
      },
    );

    it.each([10, 11 * MIB])('keeps the old content when the new fails after %d bytes', async (bytes) => {
      await store.put('a', Buffer.from('old'));
      await expect(store.put('a', Readable.from(failing(bytes, new Error('no'))))).rejects.toThrow('no');
      expect((await read('a'))?.toString()).toBe('old');
      expect(await harness.contents()).toHaveLength(1);
    });

    it('stores nothing of a stream that is given up in the midst', async () => {
      const stream = new Readable({ read: () => undefined });
      stream.push(Buffer.from('half of'));
      const putting = store.put('a', stream);
      setImmediate(() => stream.destroy());
      await expect(putting).rejects.toThrow();
      expect(await harness.contents()).toEqual([]);
    });

    it('removes a blob, and only that', async () => {
      await store.put('a/1', Buffer.from('one'));
      await store.put('a/2', Buffer.from('two'));
      await store.remove('a/1');
      expect(await read('a/1')).toBeNull();
      expect((await read('a/2'))?.toString()).toBe('two');
      await store.remove('a/2');
      await store.remove('a/2');
      expect(await harness.contents()).toEqual([]);
    });

    it('puts and removes in one place at once', async () => {
      await Promise.all(
        Array.from({ length: 30 }, async (_, n) => {
          const blob = `shared/place/${n}`;
          await store.put(blob, Buffer.from(blob));
          expect((await read(blob))?.toString()).toBe(blob);
          await store.remove(blob);
        }),
      );
      expect(await harness.contents()).toEqual([]);
    });

    it('keeps names apart that begin alike', async () => {
      const names = ['a', 'a/a', 'a/a/a', 'a.b', 'a-b/c', 'A_1', '...', '-', 'x'.repeat(200)];
      for (const blob of names) await store.put(blob, Buffer.from(blob));
      for (const blob of names) expect((await read(blob))?.toString()).toBe(blob);
      // Not every store lists an object below another, so that only its name removes it.
      for (const blob of names) await store.remove(blob);
      expect(await harness.contents()).toEqual([]);
    });

    it('gives a blob a second name that outlives the first', async () => {
      await store.put('a/1', Buffer.from('one'));
      await store.put('b/2', Buffer.from('before'));
      expect(await store.copy('a/1', 'b/2')).toBe(true);
      expect(await store.copy('a/1', 'b/2')).toBe(true);
      expect(await store.copy('a/1', 'c/d/3')).toBe(true);
      await store.remove('a/1');
      expect((await read('b/2'))?.toString()).toBe('one');
      await store.put('b/2', Buffer.from('two'));
      expect((await read('c/d/3'))?.toString()).toBe('one');
      expect(await store.copy('a/1', 'b/2')).toBe(false);
      expect((await read('b/2'))?.toString()).toBe('two');
      expect(await harness.contents()).toHaveLength(2);
    });

    it('lists what lies in a folder and below it, and nothing beside it', async () => {
      const before = performance.timeOrigin + performance.now();
      const names = ['a/1', 'a/b/2', 'a/b/c/3'];
      for (const blob of [...names, 'ab/4', 'a.b', 'b/a/5']) await store.put(blob, Buffer.from(blob));
      const found = [];
      for await (const blob of store.list('a')) found.push(blob);
      expect(found.map(({ name, bytes }) => [name, bytes]).sort()).toEqual(names.map((blob) => [blob, blob.length]));
      for (const { storedAt } of found) expect(Math.abs(storedAt - before)).toBeLessThan(60_000);
      for await (const blob of store.list('nothing/here')) throw new Error(`Expected no blob, got ${blob.name}.`);
    });

    it('lists more than one page', async () => {
      const names = Array.from({ length: 1_100 }, (_, n) => `many/${n}`);
      for (let start = 0; start < names.length; start += 50) {
        await Promise.all(names.slice(start, start + 50).map((blob) => store.put(blob, Buffer.from('x'))));
      }
      const found = [];
      for await (const blob of store.list('many')) found.push(blob.name);
      expect(found.sort()).toEqual(names.sort());
      for (let start = 0; start < names.length; start += 50) {
        await Promise.all(names.slice(start, start + 50).map((blob) => store.remove(blob)));
      }
    }, 60_000);

    it.each([
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/./b',
      'a b',
      'a\\b',
      'ä',
      'a\n',
      'a%2f',
      'x'.repeat(201),
    ])('refuses the name %j', async (blob) => {
      const stream = Readable.from(['x']);
      await expect(store.put(blob, Buffer.from('x'))).rejects.toThrow(InvalidInput);
      await expect(store.put(blob, stream)).rejects.toThrow(/^Expected a blob name/);
      await expect(store.open(blob)).rejects.toThrow(InvalidInput);
      await expect(store.remove(blob)).rejects.toThrow(InvalidInput);
      expect(await harness.contents()).toEqual([]);
    });
  });
}

function* pieces(content: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

function* failing(bytes: number, failure: Error): Generator<Buffer> {
  yield* pieces(Buffer.alloc(bytes), 65_536);
  throw failure;
}
