import { Readable } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { OpenPayload, StoredBlob } from '#core';
import { BlobStore, Unavailable } from '#core';
import { CountedStream } from '../counted-stream.js';
import { checkBlobName } from '../name.js';
import { retryOnce } from './retry-once.js';
import { watchedBody } from './watched-body.js';

const CONNECT_MS = 2_000;
/** The least that a buffer is expected to travel at: 1 MiB a second. */
const BYTES_PER_MS = (1024 * 1024) / 1_000;
/** After how long a line to a reader who takes nothing is given up, in milliseconds. */
const READER_MS = 120_000;
/** S3's smallest part: what of a stream is held in memory at a time. 10,000 of them are the longest blob, 48 GiB. */
const PART_BYTES = 5 * 1024 * 1024;
/** S3 copies no more than this by one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const COPIED_BYTES = 5 * 1024 ** 3;

export interface S3BlobStoreOptions {
  /** `http://host:port` or `https://…`; buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  /** Made when it is missing. */
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** How long S3 may take to answer, in milliseconds (4,000), and a second more for each MiB of a buffer that is put. */
  readonly answerMs?: number | undefined;
  /** How long nothing may move while S3 takes or sends a stream, in milliseconds (10,000). */
  readonly idleMs?: number | undefined;
}

/** The library, loaded when it is first needed: it costs 160 ms and 30 MB. */
interface Sdk {
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly upload: typeof import('@aws-sdk/lib-storage').Upload;
  readonly client: S3Client;
  /** For streams, which may take as long as they move. */
  readonly uploader: S3Client;
}

/** Blobs as objects of one bucket, for installations of several processes. */
export class S3BlobStore extends BlobStore {
  private loading: Promise<Sdk> | undefined;
  private preparing: Promise<Sdk> | undefined;
  private readonly answerMs: number;
  private readonly idleMs: number;

  constructor(private readonly options: S3BlobStoreOptions) {
    super();
    this.answerMs = options.answerMs ?? 4_000;
    this.idleMs = options.idleMs ?? 10_000;
  }

  /**
   * Makes the bucket if it is missing. Every other call sees to it that this was done.
   * @throws Unavailable when the store does not answer, or refuses.
   */
  async prepare(): Promise<void> {
    await this.ready();
  }

  /** Ends the connections. Safe to call twice. */
  async close(): Promise<void> {
    const sdk = await this.loading;
    sdk?.client.destroy();
    sdk?.uploader.destroy();
  }

  async put(name: string, content: Buffer | Readable): Promise<number> {
    checkBlobName(name);
    const source = Buffer.isBuffer(content) ? content : new CountedStream(content);
    try {
      return await this.ask('store a blob', async (sdk) => {
        if (source instanceof CountedStream) return this.putStream(sdk, name, source);
        const command = new sdk.s3.PutObjectCommand({ Bucket: this.options.bucket, Key: name, Body: source });
        const patienceMs = this.answerMs + Math.ceil(source.length / BYTES_PER_MS);
        await within(patienceMs, (limit) => sdk.client.send(command, limit));
        return source.length;
      });
    } catch (error) {
      if (!Buffer.isBuffer(content)) content.destroy();
      throw source instanceof CountedStream && source.failure ? source.failure.error : error;
    }
  }

  async open(name: string): Promise<OpenPayload | null> {
    checkBlobName(name);
    return this.ask('open a blob', async ({ s3, client }) => {
      const command = new s3.GetObjectCommand({ Bucket: this.options.bucket, Key: name });
      const answer = await this.briefly((limit) => client.send(command, limit)).catch((error: unknown) => {
        if (error instanceof s3.NoSuchKey) return null;
        throw error;
      });
      if (!answer?.Body || answer.ContentLength === undefined) return null;
      return { bytes: answer.ContentLength, stream: watchedBody(answer.Body as Readable, this.idleMs) };
    });
  }

  async remove(name: string): Promise<void> {
    checkBlobName(name);
    await this.ask('remove a blob', ({ s3, client }) => {
      const command = new s3.DeleteObjectCommand({ Bucket: this.options.bucket, Key: name });
      return this.briefly((limit) => client.send(command, limit));
    });
  }

  async copy(from: string, to: string): Promise<boolean> {
    checkBlobName(from);
    checkBlobName(to);
    const { bucket } = this.options;
    const bytes = await this.ask('copy a blob', async ({ s3, client }) => {
      try {
        const question = new s3.HeadObjectCommand({ Bucket: bucket, Key: from });
        const { ContentLength = 0 } = await this.briefly((limit) => client.send(question, limit));
        if (ContentLength > COPIED_BYTES) return ContentLength;
        const command = new s3.CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` });
        await within(this.answerMs + Math.ceil(ContentLength / BYTES_PER_MS), (limit) => client.send(command, limit));
        return ContentLength;
      } catch (error) {
        if (nameOf(error) === 'NotFound' || nameOf(error) === 'NoSuchKey') return null;
        throw error;
      }
    });
    if (bytes === null || bytes <= COPIED_BYTES) return bytes !== null;
    const opened = await this.open(from);
    if (opened) await this.put(to, opened.stream);
    return opened !== null;
  }

  async *list(folder: string): AsyncIterable<StoredBlob> {
    checkBlobName(folder);
    let token: string | undefined;
    do {
      const page = await this.ask('list blobs', ({ s3, client }) => {
        const place = { Bucket: this.options.bucket, Prefix: `${folder}/`, ContinuationToken: token };
        return this.briefly((limit) => client.send(new s3.ListObjectsV2Command(place), limit));
      });
      for (const { Key, Size = 0, LastModified } of page.Contents ?? []) {
        if (Key !== undefined) yield { name: Key, bytes: Size, storedAt: LastModified?.getTime() ?? 0 };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** Part by part, and the object is there when the last one is; a stream of one part goes as one object. */
  private async putStream(sdk: Sdk, name: string, source: CountedStream): Promise<number> {
    const target = { Bucket: this.options.bucket, Key: name };
    const upload = new sdk.upload({
      client: sdk.uploader,
      params: { ...target, Body: Readable.from(source, { objectMode: false }) },
      partSize: PART_BYTES,
      // With more at once, a part that fails would not end the reading of the stream.
      queueSize: 1,
      // The library would wait for their removal as long as for a part.
      leavePartsOnError: true,
    });
    try {
      await upload.done();
    } catch (error) {
      const { uploadId: UploadId } = upload;
      const command = UploadId && new sdk.s3.AbortMultipartUploadCommand({ ...target, UploadId });
      // What cannot be removed now is left to the bucket's rules: the failure is the same.
      if (command) await this.briefly((limit) => sdk.client.send(command, limit)).catch(() => undefined);
      throw error;
    }
    return source.bytes;
  }

  /** A request that neither sends nor awaits many bytes. */
  private briefly<T>(request: (limit: Limit) => Promise<T>): Promise<T> {
    return within(this.answerMs, request);
  }

  private async ask<T>(doing: string, question: (sdk: Sdk) => Promise<T>): Promise<T> {
    try {
      return await question(await this.ready());
    } catch (cause) {
      if (cause instanceof Unavailable) throw cause;
      if (nameOf(cause) === 'NoSuchBucket') this.preparing = undefined;
      throw new Unavailable('BLOB_STORE_UNAVAILABLE', `Expected S3 to ${doing}, got ${nameOf(cause)}.`, { cause });
    }
  }

  private ready(): Promise<Sdk> {
    this.preparing ??= this.makeBucket().catch((cause: unknown) => {
      this.preparing = undefined;
      throw new Unavailable(
        'BLOB_STORE_UNAVAILABLE',
        `Expected S3 to have the bucket ${this.options.bucket}, got ${nameOf(cause)}.`,
        { cause },
      );
    });
    return this.preparing;
  }

  private async makeBucket(): Promise<Sdk> {
    const sdk = await (this.loading ??= this.load());
    const { s3, client } = sdk;
    const bucket = { Bucket: this.options.bucket };
    try {
      await this.briefly((limit) => client.send(new s3.HeadBucketCommand(bucket), limit));
    } catch (error) {
      if (nameOf(error) !== 'NotFound') throw error;
      const command = new s3.CreateBucketCommand(bucket);
      await this.briefly((limit) => client.send(command, limit)).catch((refusal: unknown) => {
        // Of two that find it missing at once, one comes second.
        if (nameOf(refusal) !== 'BucketAlreadyOwnedByYou') throw refusal;
      });
    }
    return sdk;
  }

  private async load(): Promise<Sdk> {
    // eslint-disable-next-line no-restricted-properties -- the library's own switch; it takes no option for it
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
    const [s3, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    const { endpoint, region, accessKey, secretKey } = this.options;
    const config: S3ClientConfig = {
      endpoint,
      region,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      forcePathStyle: true,
      retryStrategy: retryOnce,
      // Stores other than Amazon's do not all know the checksums that the library would add by itself.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    };
    const clientOf = (socketTimeout: number): S3Client =>
      new s3.S3Client({ ...config, requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout } });
    return { s3, upload: Upload, client: clientOf(READER_MS), uploader: clientOf(this.idleMs) };
  }
}

/** What the library takes beside a command. */
interface Limit {
  readonly abortSignal: AbortSignal;
}

/** Sends a request that must be answered in time, its second attempt included. */
async function within<T>(ms: number, request: (limit: Limit) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  try {
    return await request({ abortSignal: abort.signal });
  } catch (error) {
    throw abort.signal.aborted ? new Error(`no answer within ${ms} ms`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** `AccessDenied`, `ECONNREFUSED` and the like: what an error is called, with nothing of ours in it. */
function nameOf(error: unknown): string {
  const { code, name, message } = error as Error & { readonly code?: string | undefined };
  return code ?? (name === 'Error' ? message : name);
}
