import { Readable } from 'node:stream';
import { messageOf, Unavailable } from '#core';

/**
 * The body of an answer, which fails when S3 sends nothing of it for `idleMs` while somebody waits for it; how long
 * the reader takes counts for nothing. Destroying it ends the answer.
 * @returns a stream of bytes that fails with Unavailable, whatever went wrong.
 */
export function watchedBody(body: Readable, idleMs: number): Readable {
  const stream = Readable.from(chunksOf(body, idleMs), { objectMode: false });
  stream.once('close', () => body.destroy());
  // A failure before anybody reads is told to the reader, who meets it at the first read.
  body.on('error', () => undefined);
  return stream;
}

async function* chunksOf(body: Readable, idleMs: number): AsyncGenerator<Buffer, void> {
  const watch = () => setTimeout(() => body.destroy(new Error(`nothing for ${idleMs} ms`)), idleMs);
  let timer = watch();
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk as Buffer;
      timer = watch();
    }
  } catch (cause) {
    throw new Unavailable('BLOB_STORE_UNAVAILABLE', `Expected S3 to send a blob, got ${messageOf(cause)}.`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
