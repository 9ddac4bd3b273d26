import type { Readable } from 'node:stream';
import { newTraceId } from '#core';
import type { BlobStore } from '#core';

export const UPLOADS_FOLDER = 'uploads';
const UPLOADED = /^uploads\/[A-Za-z0-9]{32}$/;

/** POST /v1/api/blobs: keeps bytes that bodies of processes may name. */
export class UploadBlob {
  constructor(private readonly blobs: BlobStore) {}

  /**
   * Keeps a stream's bytes; durable when it resolves.
   * @returns the blob's name, which nobody can guess.
   */
  async execute(content: Readable): Promise<{ blob: string; bytes: number }> {
    const blob = `${UPLOADS_FOLDER}/${newTraceId()}${newTraceId()}`;
    return { blob, bytes: await this.blobs.put(blob, content) };
  }
}

/** Whether a name could be that of an uploaded blob: no other blob is for users to name. */
export function isUploadedBlob(name: string): boolean {
  return UPLOADED.test(name);
}
