import type { Archive, BlobStore, RetentionStore } from '#core';
import type { SweepObserver } from './observers.js';
import type { KeepLimit } from './sweep-processes.js';
import { UPLOADS_FOLDER } from './upload-blob.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Where the blobs lie that something of the database names. */
const NAMED_FOLDERS = ['bodies', 'responses', 'specs', 'clients', 'sdks'] as const;
/** How many of the oldest one look removes at most: they are held in memory. */
const MOST = 2_000;
const PIECE = 200;

/** An archive, or bytes that were uploaded. */
type Old = Archive | (Omit<Archive, 'kind' | 'traceId'> & { readonly kind: 'upload' });

/** Lets go what is no longer in use: archives and uploads by age and bytes, and blobs that nothing names. */
export class SweepArchives {
  constructor(
    private readonly retention: RetentionStore,
    private readonly blobs: BlobStore,
    private readonly limit: KeepLimit,
    private readonly observer?: SweepObserver,
  ) {}

  /** One look. @param pause awaited between two pieces; false from it ends the look. */
  async execute(now: number, pause: () => Promise<boolean>): Promise<void> {
    const { ageMs, bytes } = this.limit;
    const found = await this.oldest();
    let kept = found.bytes;
    for (const old of found.oldest) {
      const isOld = ageMs !== null && old.since <= now - ageMs;
      // What is younger may still be wanted by calls under way, however much there is.
      const isTooMuch = bytes !== null && kept > bytes && old.since <= now - DAY_MS;
      if (!isOld && !isTooMuch) continue;
      if (await this.remove(old)) kept -= old.bytes;
      if (!(await pause())) return;
    }
  }

  /** Removes blobs that nothing names: of work that was given up, or of whoever died before naming them. */
  async removeUnnamed(now: number, pause: () => Promise<boolean>): Promise<void> {
    for (const folder of NAMED_FOLDERS) {
      let piece: string[] = [];
      for await (const { name, storedAt } of this.blobs.list(folder)) {
        // It may be about to be named.
        if (storedAt <= now - DAY_MS) piece.push(name);
        if (piece.length < PIECE) continue;
        await this.removeUnnamedOf(piece);
        piece = [];
        if (!(await pause())) return;
      }
      await this.removeUnnamedOf(piece);
    }
  }

  private async removeUnnamedOf(blobs: readonly string[]): Promise<void> {
    if (blobs.length === 0) return;
    const unnamed = await this.retention.unnamed(blobs);
    for (const blob of unnamed) await this.blobs.remove(blob);
    if (unnamed.length > 0) this.observer?.swept('blob', unnamed.length);
  }

  /** The oldest, and the bytes of all. */
  private async oldest(): Promise<{ oldest: readonly Old[]; bytes: number }> {
    let oldest: Old[] = [];
    let bytes = 0;
    for await (const old of this.all()) {
      bytes += old.bytes;
      oldest.push(old);
      if (oldest.length >= MOST * 2) oldest = firstOf(oldest);
    }
    return { oldest: firstOf(oldest), bytes };
  }

  private async *all(): AsyncIterable<Old> {
    yield* this.retention.archives();
    for await (const { name, bytes, storedAt } of this.blobs.list(UPLOADS_FOLDER)) {
      yield { kind: 'upload', since: storedAt, bytes, blobs: [name] };
    }
  }

  /** Blobs first: should it break off between the two, the next look finds the rest. */
  private async remove(old: Old): Promise<boolean> {
    for (const blob of old.blobs) await this.blobs.remove(blob);
    const removed = old.kind === 'upload' || (await this.retention.removeArchive(old));
    if (removed) this.observer?.swept(old.kind, 1);
    return removed;
  }
}

function firstOf(all: Old[]): Old[] {
  return all.sort((a, b) => a.since - b.since).slice(0, MOST);
}
