import { afterEach, expect, it, jest } from '@jest/globals';
import { Unavailable } from '#core';
import { S3BlobStore } from './s3-blob-store.js';

afterEach(() => {
  jest.restoreAllMocks();
});

it('prints no warning of the library about the version of Node', async () => {
  const warn = jest.spyOn(process, 'emitWarning');
  const nowhere = { endpoint: 'http://127.0.0.1:1', region: 'us-east-1', bucket: 'b', accessKey: 'a', secretKey: 's' };
  const store = new S3BlobStore(nowhere);
  await expect(store.prepare()).rejects.toThrow(Unavailable);
  await store.close();
  expect(warn.mock.calls).toEqual([]);
});
