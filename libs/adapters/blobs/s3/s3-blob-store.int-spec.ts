import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { eventually, runBlobStoreConformance, sampleEncryption, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import type { S3BlobStoreOptions } from './s3-blob-store.js';
import { EncryptedBlobStore } from '../encrypted-blob-store.js';
import { S3BlobStore } from './s3-blob-store.js';

const SERVER = ['S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(SERVER, 'S3BlobStore', ({ S3_ENDPOINT = '', S3_ACCESS_KEY = '', S3_SECRET_KEY = '' }) => {
  const region = 'us-east-1';
  let client: S3Client | undefined;
  const s3 = (): S3Client =>
    (client ??= new S3Client({
      endpoint: S3_ENDPOINT,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY },
    }));

  const optionsFor = (bucket: string): S3BlobStoreOptions => ({
    endpoint: S3_ENDPOINT,
    region,
    bucket,
    accessKey: S3_ACCESS_KEY,
    secretKey: S3_SECRET_KEY,
  });

  async function contents(Bucket: string): Promise<string[]> {
    const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await s3().send(new ListMultipartUploadsCommand({ Bucket }));
    return [...Contents, ...Uploads].map(({ Key = '' }) => Key);
  }

  async function empty(Bucket: string): Promise<void> {
    for (const Key of await contents(Bucket)) await s3().send(new DeleteObjectCommand({ Bucket, Key }));
    await s3().send(new DeleteBucketCommand({ Bucket }));
  }

  afterAll(() => client?.destroy());

  runBlobStoreConformance('S3BlobStore', async () => {
    const bucket = `callboard-test-${randomUUID()}`;
    const store = new S3BlobStore(optionsFor(bucket));
    await store.prepare();
    return {
      store,
      contents: () => contents(bucket),
      close: async () => {
        await store.close();
        await empty(bucket);
      },
    };
  });

  runBlobStoreConformance('EncryptedBlobStore on S3', async () => {
    const bucket = `callboard-test-${randomUUID()}`;
    const store = new S3BlobStore(optionsFor(bucket));
    await store.prepare();
    return {
      store: new EncryptedBlobStore(store, sampleEncryption()),
      contents: () => contents(bucket),
      close: async () => {
        await store.close();
        await empty(bucket);
      },
    };
  });

  let proxy: TcpProxy;
  let bucket: string;
  let store: S3BlobStore;
  beforeEach(async () => {
    proxy = await TcpProxy.start(S3_ENDPOINT);
    bucket = `callboard-test-${randomUUID()}`;
    store = new S3BlobStore({ ...optionsFor(bucket), endpoint: proxy.url(S3_ENDPOINT) });
  });
  afterEach(async () => {
    proxy.thaw();
    await store.close();
    await proxy.down();
  });

  it('makes its bucket at the first call, also when several come at once', async () => {
    const other = new S3BlobStore(optionsFor(bucket));
    await Promise.all([store.put('a', Buffer.from('1')), other.put('b', Buffer.from('2')), store.open('c')]);
    expect(await contents(bucket)).toEqual(['a', 'b']);
    await other.close();
    await empty(bucket);
  });

  it('makes its bucket anew when it was removed', async () => {
    await store.put('a', Buffer.from('1'));
    await empty(bucket);
    await expect(store.put('a', Buffer.from('1'))).rejects.toThrow('Expected S3 to store a blob, got NoSuchBucket.');
    expect(await store.put('a', Buffer.from('1'))).toBe(1);
    await empty(bucket);
  });

  it('says in one sentence that its server is away, and goes on when it comes', async () => {
    await proxy.down();
    await expect(store.put('a', Buffer.from('1'))).rejects.toThrow(Unavailable);
    await expect(store.open('a')).rejects.toThrow(/^Expected S3 to have the bucket [\w-]+, got .*ECONNREFUSED/);
    await proxy.up();
    expect(await store.put('a', Buffer.from('1'))).toBe(1);
    await empty(bucket);
  });

  it('ends the stream that it was reading when its server goes away', async () => {
    await store.prepare();
    const stream = Readable.from(endless());
    const putting = store.put('a', stream);
    await proxy.down();
    await expect(putting).rejects.toThrow(Unavailable);
    expect(stream.destroyed).toBe(true);
    await proxy.up();
    await empty(bucket);
  });

  describe('with a server that says nothing', () => {
    let impatient: S3BlobStore;
    beforeEach(() => {
      const patience = { answerMs: 700, idleMs: 500 };
      impatient = new S3BlobStore({ ...optionsFor(bucket), endpoint: proxy.url(S3_ENDPOINT), ...patience });
    });
    afterEach(async () => {
      // What was held back must not get through after all.
      proxy.cut();
      proxy.thaw();
      await impatient.close();
      await empty(bucket);
    });

    /** Runs a question to the frozen server, which must be given up in time. */
    async function givenUp(question: () => Promise<unknown>): Promise<string> {
      const start = performance.now();
      const error = await question().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(error).toBeInstanceOf(Unavailable);
      return (error as Error).message;
    }

    it('does not hold up who opens, removes or puts a buffer', async () => {
      await impatient.prepare();
      proxy.freeze();
      const silence = 'got no answer within 700 ms.';
      expect(await givenUp(() => impatient.open('a'))).toBe(`Expected S3 to open a blob, ${silence}`);
      expect(await givenUp(() => impatient.remove('a'))).toBe(`Expected S3 to remove a blob, ${silence}`);
      const putting = impatient.put.bind(impatient, 'a', Buffer.alloc(90_000));
      expect(await givenUp(putting)).toBe('Expected S3 to store a blob, got no answer within 786 ms.');
    });

    it('does not hold up who comes first', async () => {
      proxy.freeze();
      expect(await givenUp(() => impatient.put('a', Buffer.alloc(90_000)))).toMatch(/got no answer within 700 ms\.$/);
      proxy.thaw();
      await impatient.prepare();
    });

    it.each([1, 12])('does not hold up who puts a stream of %d MiB', async (mib) => {
      await impatient.prepare();
      proxy.freeze();
      const stream = Readable.from(Array.from({ length: mib }, () => Buffer.alloc(1024 * 1024)));
      expect(await givenUp(() => impatient.put('a', stream))).toMatch(/^Expected S3 to store a blob, got /);
      expect(stream.destroyed).toBe(true);
    });

    it('does not hold up who has put much of a stream already', async () => {
      const stream = Readable.from(
        endless(() => proxy.freeze()),
        { objectMode: false },
      );
      const puttingStream = impatient.put('a', stream);
      await expect(puttingStream).rejects.toThrow(Unavailable);
      expect(stream.destroyed).toBe(true);
    });

    it('does not hold up who reads, and leaves a slow reader all the time', async () => {
      await impatient.put('a', Buffer.alloc(12 * 1024 * 1024));
      const [stopped, slow] = [await impatient.open('a'), await impatient.open('a')];
      const chunks = slow!.stream[Symbol.asyncIterator]();
      const first = (await chunks.next()).value as Buffer;
      proxy.freeze();
      expect(await givenUp(() => buffer(stopped!.stream))).toMatch(
        /^Expected S3 to send a blob, got nothing for 500 ms/,
      );
      proxy.thaw();
      let bytes = first.length;
      for (let next = await chunks.next(); !next.done; next = await chunks.next())
        bytes += (next.value as Buffer).length;
      expect(bytes).toBe(slow!.bytes);
    });

    it('gets no sign of a blob that nobody reads after all', async () => {
      await impatient.put('a', Buffer.alloc(12 * 1024 * 1024));
      const opened = await impatient.open('a');
      const lines = proxy.lines;
      opened!.stream.destroy();
      await eventually('the line to be closed', () => proxy.lines < lines);
    });
  });

  it('says nothing of a secret that was refused', async () => {
    const refused = new S3BlobStore({ ...optionsFor(bucket), secretKey: 'hunter2' });
    const error: unknown = await refused.put('a', Buffer.from('1')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unavailable);
    expect(String(error)).toContain(`Expected S3 to have the bucket ${bucket}, got `);
    expect(String(error)).not.toContain('hunter2');
    await refused.close();
  });
});

/** Much and more; `afterSome` is called when 12 MiB of it were taken. */
function* endless(afterSome?: () => void): Generator<Buffer> {
  for (let mib = 0; ; mib += 1) {
    if (mib === 12) afterSome?.();
    yield Buffer.alloc(1024 * 1024);
  }
}
