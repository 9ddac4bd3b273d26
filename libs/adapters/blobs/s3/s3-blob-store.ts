import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { OpenPayload } from '#core';
import { BlobStore, Unavailable } from '#core';
import { CountedStream } from '../counted-stream.js';
import { checkBlobName } from '../name.js';

/** How long S3 may take to take a body and answer, in milliseconds. */
const UPLOAD_MS = 30_000;
/** How long a line may stand still, in milliseconds: as slow as the slowest reader of a blob may be. */
const IDLE_MS = 120_000;
/** S3's smallest part: what of a stream is held in memory at a time. 10,000 of them are the longest blob, 48 GiB. */
const PART_BYTES = 5 * 1024 * 1024;

export interface S3BlobStoreOptions {
  /** `http://host:port` or `https://…`; buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  /** Made when it is missing. */
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** How long each of two attempts waits for an answer, in milliseconds (5,000); longer where a body is sent. */
  readonly answerMs?: number | undefined;
}

/** The library, loaded when it is first needed: it costs 160 ms and 30 MB. */
interface Sdk {
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly upload: typeof import('@aws-sdk/lib-storage').Upload;
  readonly client: S3Client;
}

/** Blobs as objects of one bucket, for installations of several processes. */
export class S3BlobStore extends BlobStore {
  private loading: Promise<Sdk> | undefined;
  private preparing: Promise<Sdk> | undefined;

  /** For requests that send nothing to speak of. */
  private readonly brief: { readonly requestTimeout: number };

  constructor(private readonly options: S3BlobStoreOptions) {
    super();
    this.brief = { requestTimeout: options.answerMs ?? 5_000 };
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
    (await this.loading)?.client.destroy();
  }

  async put(name: string, content: Buffer | Readable): Promise<number> {
    checkBlobName(name);
    const source = Buffer.isBuffer(content) ? content : new CountedStream(content);
    try {
      return await this.ask('store a blob', async (sdk) => {
        if (source instanceof CountedStream) return this.putStream(sdk, name, source);
        const command = new sdk.s3.PutObjectCommand({ Bucket: this.options.bucket, Key: name, Body: source });
        await sdk.client.send(command);
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
      const answer = await client.send(command, this.brief).catch((error: unknown) => {
        if (error instanceof s3.NoSuchKey) return null;
        throw error;
      });
      if (!answer?.Body || answer.ContentLength === undefined) return null;
      return { bytes: answer.ContentLength, stream: answer.Body as Readable };
    });
  }

  async remove(name: string): Promise<void> {
    checkBlobName(name);
    await this.ask('remove a blob', ({ s3, client }) =>
      client.send(new s3.DeleteObjectCommand({ Bucket: this.options.bucket, Key: name }), this.brief),
    );
  }

  /** Part by part, and the object is there when the last one is; a stream of one part goes as one object. */
  private async putStream(sdk: Sdk, name: string, source: CountedStream): Promise<number> {
    const upload = new sdk.upload({
      client: sdk.client,
      params: { Bucket: this.options.bucket, Key: name, Body: Readable.from(source, { objectMode: false }) },
      partSize: PART_BYTES,
      // With more at once, a part that fails would not end the reading of the stream.
      queueSize: 1,
    });
    await upload.done();
    return source.bytes;
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
      await client.send(new s3.HeadBucketCommand(bucket), this.brief);
    } catch (error) {
      if (nameOf(error) !== 'NotFound') throw error;
      await client.send(new s3.CreateBucketCommand(bucket), this.brief).catch((refusal: unknown) => {
        // Of two that find it missing at once, one comes second.
        if (nameOf(refusal) !== 'BucketAlreadyOwnedByYou') throw refusal;
      });
    }
    return sdk;
  }

  private async load(): Promise<Sdk> {
    const [s3, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    const { endpoint, region, accessKey, secretKey } = this.options;
    const client = new s3.S3Client({
      endpoint,
      region,
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      forcePathStyle: true,
      maxAttempts: 2,
      // Stores other than Amazon's do not all know the checksums that the library would add by itself.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: UPLOAD_MS,
        throwOnRequestTimeout: true,
        socketTimeout: IDLE_MS,
      },
    });
    return { s3, upload: Upload, client };
  }
}

/** `AccessDenied`, `ECONNREFUSED` and the like: what an error is called, with nothing of ours in it. */
function nameOf(error: unknown): string {
  const { code, name, message } = error as Error & { readonly code?: string | undefined };
  return code ?? (name === 'Error' ? message : name);
}
