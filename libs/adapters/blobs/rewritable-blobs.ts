import { AppError } from '#core';
import type { StoredBlob } from '#core';
import type { Rewritable } from '#encryption';
import type { RewritablePart } from '../rewriting/rewritable-store.js';
import { OWNED_FOLDERS } from '../store/blob-owner.js';
import type { EncryptedBlobStore } from './encrypted-blob-store.js';

/** Where blobs lie: what the database names, and what was uploaded for calls to come. */
const FOLDERS = [...OWNED_FOLDERS, 'uploads'];

/** The blobs as a part that can be rewritten. */
export function rewritableBlobs(blobs: EncryptedBlobStore, what: Rewritable): RewritablePart {
  const one = async ({ name }: StoredBlob) => {
    try {
      return { seen: 1, stale: (await blobs.rewrite(name, what)) ? 1 : 0, unreadable: [] };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { seen: 1, stale: 0, unreadable: [error.message] };
    }
  };
  return {
    name: 'blobs',
    count: async () => null,
    rewrite: async function* () {
      for (const folder of FOLDERS) for await (const blob of blobs.list(folder)) yield await one(blob);
    },
  };
}
