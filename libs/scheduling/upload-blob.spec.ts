import { expect, it, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { DEFAULT_PROJECT } from '#core';
import type { BlobStore } from '#core';
import { callerOf } from '#testing';
import { isUploadedBlob, UploadBlob } from './upload-blob.js';

const uploadTo = async (project: string) => {
  const blobs: Pick<BlobStore, 'put'> = { put: async () => 3 };
  return (await new UploadBlob(blobs as BlobStore).execute(callerOf(project), Readable.from(['abc']))).blob;
};

it('an upload is of use in its own project alone', async () => {
  const projects = [DEFAULT_PROJECT, 'a', 'a-b', 'uploads'];
  for (const project of projects) {
    const blob = await uploadTo(project);
    expect(projects.filter((other) => isUploadedBlob(other, blob))).toEqual([project]);
  }
});

test.each(['uploads/', `uploads/${'a'.repeat(31)}`, `uploads/b/${'a'.repeat(32)}`, 'responses/x/1', '../x', ''])(
  'no upload of the project a is called %j',
  (name) => {
    expect(isUploadedBlob('a', name)).toBe(false);
  },
);
