import type { Readable } from 'node:stream';
import { DEFAULT_PROJECT, newTraceId } from '#core';
import type { BlobStore, Principal } from '#core';

export const UPLOADS_FOLDER = 'uploads';
const OWN_PART = /^[A-Za-z0-9]{32}$/;

/** POST /v1/api/blobs: keeps bytes that bodies of processes may name. */
export class UploadBlob {
  constructor(private readonly blobs: BlobStore) {}

  /**
   * Keeps a stream's bytes; durable when it resolves.
   * @returns the blob's name, which nobody can guess and which is of use in the caller's project alone.
   */
  async execute({ project }: Principal, content: Readable): Promise<{ blob: string; bytes: number }> {
    const blob = `${folderOf(project)}${newTraceId()}${newTraceId()}`;
    return { blob, bytes: await this.blobs.put(blob, content) };
  }
}

/** Whether a name could be that of a blob that was uploaded to a project: no other blob is for its users to name. */
export function isUploadedBlob(project: string, name: string): boolean {
  const folder = folderOf(project);
  return name.startsWith(folder) && OWN_PART.test(name.slice(folder.length));
}

function folderOf(project: string): string {
  return project === DEFAULT_PROJECT ? `${UPLOADS_FOLDER}/` : `${UPLOADS_FOLDER}/${project}/`;
}
