import type { Config } from '#config';
import { InvalidInput } from '#core';
import type { Clock } from '#core';
import { findKeyFile, KeyRing, RewritingEncryption } from '#encryption';
import type { Rewritable } from '#encryption';
import { openBlobs } from '../blobs/open-blobs.js';
import { rewritableBlobs } from '../blobs/rewritable-blobs.js';
import { openRewritableSqlite } from '../store/sqlite/rewritable-sqlite.js';
import type { RewritableDatabase, RewritablePart } from './rewritable-store.js';

/** How often all is looked at before it is given up: each time finds what was written meanwhile with another key. */
const MOST_LOOKS = 5;

/** How far it is: told for each piece. */
export interface RewriteProgress {
  /** Which look at everything this is, from 1. */
  readonly look: number;
  /** What is looked at: `processes`, `blobs` … */
  readonly part: string;
  readonly seen: number;
  /** Null where nobody knows. */
  readonly total: number | null;
  /** How many of them have been rewritten. */
  readonly rewritten: number;
}

export interface RewriteResult {
  /** The key that everything is encrypted with now. */
  readonly key: string;
  readonly rewritten: number;
  /** A sentence for each thing that could not be read and stays as it is. */
  readonly unreadable: readonly string[];
}

export interface RewriteOptions {
  readonly clock: Clock;
  /** Awaited. */
  readonly onProgress: (progress: RewriteProgress) => void | Promise<void>;
}

/**
 * Encrypts again what an installation has stored, with the first of its keys: `all` what that has not encrypted,
 * `plain` what an older release has stored as it was given. With MongoDB others may go on working, as long as they have
 * the same keys; the embedded database must be nobody's. Whoever looks once more finds nothing to do, and only then the
 * database notes that it needs no other key, or holds nothing plain.
 * @throws InvalidInput without keys, with wrong ones, or while others write with other keys; Unavailable when a backend
 *   cannot be used.
 */
export async function rewriteStored(
  config: Config,
  what: Rewritable,
  { clock, onProgress }: RewriteOptions,
): Promise<RewriteResult> {
  const encryption = new RewritingEncryption(keysOf(config), what);
  const key = encryption.keys.current.name;
  const database = await openDatabase(config, clock, encryption);
  try {
    if (!(await database.mayNeedIt())) return { key, rewritten: 0, unreadable: [] };
    const blobs = await openBlobs(config, encryption);
    try {
      const parts = [...database.parts, rewritableBlobs(blobs.port, what)];
      const { rewritten, unreadable } = await untilNothingIsLeft(parts, onProgress);
      if (unreadable.length === 0) await database.finish();
      return { key, rewritten, unreadable };
    } finally {
      await blobs.close();
    }
  } finally {
    await database.close();
  }
}

async function untilNothingIsLeft(
  parts: readonly RewritablePart[],
  onProgress: RewriteOptions['onProgress'],
): Promise<Omit<RewriteResult, 'key'>> {
  let rewritten = 0;
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const unreadable: string[] = [];
    let stale = 0;
    for (const part of parts) {
      const told = { look, part: part.name, total: await part.count(), seen: 0, rewritten: 0 };
      for await (const piece of part.rewrite()) {
        told.seen += piece.seen;
        told.rewritten += piece.stale;
        unreadable.push(...piece.unreadable);
        await onProgress({ ...told });
      }
      stale += told.rewritten;
    }
    rewritten += stale;
    if (stale === 0) return { rewritten, unreadable };
  }
  throw new InvalidInput(
    'KEYS_DIFFER',
    `Expected nothing to be written with another key meanwhile, but each of ${MOST_LOOKS} looks found some: start every process with the new key first.`,
  );
}

function keysOf({ callboardEncryptionKey, callboardDataDir }: Config): KeyRing {
  const keys =
    callboardEncryptionKey === undefined ? findKeyFile(callboardDataDir) : KeyRing.parse(callboardEncryptionKey);
  if (keys) return keys;
  throw new InvalidInput(
    'KEYS_MISSING',
    `Expected keys in CALLBOARD_ENCRYPTION_KEY, or a key file in ${callboardDataDir}, got neither.`,
  );
}

async function openDatabase(
  config: Config,
  clock: Clock,
  encryption: RewritingEncryption,
): Promise<RewritableDatabase> {
  if (config.mongodbUri === undefined) return openRewritableSqlite(config.callboardDataDir, encryption);
  const { openRewritableMongo } = await import('../store/mongo/rewritable-mongo.js');
  return openRewritableMongo(config.mongodbUri, clock, encryption);
}
