import { INLINE_LIMIT_BYTES, inlinePayload, Unavailable } from '#core';
import type { BlobStore, OpenPayload, Payload } from '#core';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** Keeps bytes where their size belongs: inline in the document, or in the BlobStore above 64 KiB. */
export class PayloadStore {
  constructor(private readonly blobs: BlobStore) {}

  /** Keeps bytes; `name` is the blob's name should they need one. */
  async keep(name: string, content: Buffer | string): Promise<Payload> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    if (bytes.length <= INLINE_LIMIT_BYTES) return inlinePayload(bytes);
    return { blob: name, bytes: await this.blobs.put(name, bytes) };
  }

  /** Keeps bytes in the BlobStore whatever their size: what is seldom read should not weigh on what is read often. */
  async keepApart(name: string, content: Buffer): Promise<Payload> {
    return { blob: name, bytes: await this.blobs.put(name, content) };
  }

  /**
   * All bytes of a payload that is known to fit in memory.
   * @throws Unavailable when its blob is gone.
   */
  async read(payload: Payload): Promise<Buffer> {
    return 'inline' in payload ? payload.inline : buffer((await this.open(payload)).stream);
  }

  /**
   * Opens a payload of any size.
   * @throws Unavailable when its blob is gone.
   */
  async open(payload: Payload): Promise<OpenPayload> {
    if ('inline' in payload) return { bytes: payload.bytes, stream: Readable.from([payload.inline]) };
    const opened = await this.blobs.open(payload.blob);
    if (!opened) throw new Unavailable('BLOB_GONE', `Expected ${payload.bytes} stored bytes, but they are gone.`);
    return opened;
  }

  /** Removes the blob of a payload, if it has one. */
  async discard(payload: Payload): Promise<void> {
    if ('blob' in payload) await this.blobs.remove(payload.blob);
  }
}
