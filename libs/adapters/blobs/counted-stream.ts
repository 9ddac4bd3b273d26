import type { Readable } from 'node:stream';

/** Reads a stream for somebody else, counts its bytes, and tells whether a failure was the stream's own. */
export class CountedStream implements AsyncIterable<Buffer> {
  bytes = 0;
  /** What the stream failed with; undefined as long as it has not. */
  failure: { readonly error: unknown } | undefined;

  constructor(private readonly stream: Readable) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    const chunks = this.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
    try {
      for (;;) {
        const next = await this.next(chunks);
        if (next.done) return;
        const chunk = typeof next.value === 'string' ? Buffer.from(next.value) : next.value;
        this.bytes += chunk.length;
        yield chunk;
      }
    } finally {
      this.stream.destroy();
    }
  }

  private async next(chunks: AsyncIterator<Buffer | string>): Promise<IteratorResult<Buffer | string>> {
    try {
      return await chunks.next();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}
