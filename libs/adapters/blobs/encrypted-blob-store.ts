import { Readable } from 'node:stream';
import type { OpenPayload, StoredBlob } from '#core';
import { BlobStore } from '#core';
import {
  decryptChunks,
  encryptChunks,
  encryptWhole,
  isCurrentStream,
  isEncryptedStream,
  plainBytesOf,
} from '#encryption';
import type { Encryption, Place, Rewritable } from '#encryption';
import { checkBlobName } from './name.js';

/** Another store whose blobs are encrypted, each for its name. */
export class EncryptedBlobStore extends BlobStore {
  constructor(
    private readonly store: BlobStore,
    private readonly encryption: Encryption,
  ) {
    super();
  }

  async put(name: string, content: Buffer | Readable): Promise<number> {
    const place = placeOf(name);
    if (Buffer.isBuffer(content)) {
      return plainBytesOf(await this.store.put(name, await encryptWhole(this.encryption, place, content)));
    }
    try {
      checkBlobName(name);
      const encrypted = encryptChunks(this.encryption, place, bytesOf(content));
      return plainBytesOf(await this.store.put(name, Readable.from(encrypted, { objectMode: false })));
    } finally {
      // Nobody has begun to read it where the store has refused at once.
      content.destroy();
    }
  }

  async open(name: string): Promise<OpenPayload | null> {
    const opened = await this.store.open(name);
    if (!opened) return null;
    const { bytes, stream } = opened;
    // Looking at its head has it begun: a failure before anybody reads on is told to the reader, who meets it then.
    stream.on('error', () => undefined);
    if (this.encryption.acceptsPlain && !isEncryptedStream(await peek(stream))) return opened;
    const plain = Readable.from(decryptChunks(this.encryption, placeOf(name), stream), { objectMode: false });
    plain.once('close', () => stream.destroy());
    return { bytes: plainBytesOf(bytes), stream: plain };
  }

  /** Encrypts a blob again if it has to be. @returns whether it had to be. @throws as `open` does */
  async rewrite(name: string, what: Rewritable): Promise<boolean> {
    const opened = await this.store.open(name);
    if (!opened) return false;
    const head = await peek(opened.stream);
    opened.stream.destroy();
    const isStale = isEncryptedStream(head) ? what === 'all' && !isCurrentStream(this.encryption, head) : true;
    if (isStale) await this.copy(name, name);
    return isStale;
  }

  remove(name: string): Promise<void> {
    return this.store.remove(name);
  }

  async copy(from: string, to: string): Promise<boolean> {
    checkBlobName(to);
    const opened = await this.open(from);
    if (opened) await this.put(to, opened.stream);
    return opened !== null;
  }

  async *list(folder: string): AsyncIterable<StoredBlob> {
    for await (const blob of this.store.list(folder)) yield { ...blob, bytes: plainBytesOf(blob.bytes) };
  }
}

function placeOf(name: string): Place {
  return { project: '', kind: 'blob', id: name };
}

/** The first bytes of a stream, which still gives all. */
async function peek(stream: Readable): Promise<Buffer> {
  for (;;) {
    const first = stream.read() as Buffer | null;
    if (first) {
      stream.unshift(first);
      return first;
    }
    if (stream.readableEnded || stream.destroyed) return Buffer.alloc(0);
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        stream.off('readable', done).off('end', done).off('error', failed);
        resolve();
      };
      const failed = (error: Error) => {
        stream.off('readable', done).off('end', done);
        reject(error);
      };
      stream.once('readable', done).once('end', done).once('error', failed);
    });
  }
}

async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
}
