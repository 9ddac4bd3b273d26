import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { runBlobStoreConformance, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import type { S3BlobStoreOptions } from './s3-blob-store.js';
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

  it('does not wait long for a server that says nothing', async () => {
    const impatient = new S3BlobStore({ ...optionsFor(bucket), endpoint: proxy.url(S3_ENDPOINT), answerMs: 200 });
    await impatient.prepare();
    proxy.freeze();
    await expect(impatient.open('a')).rejects.toThrow('Expected S3 to open a blob, got ETIMEDOUT.');
    proxy.thaw();
    await impatient.close();
    await empty(bucket);
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

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1024 * 1024);
}
