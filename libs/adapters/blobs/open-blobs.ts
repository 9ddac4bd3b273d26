import { join } from 'node:path';
import type { Config } from '#config';
import type { Encryption } from '#encryption';
import type { Opened } from '../opened.js';
import { EncryptedBlobStore } from './encrypted-blob-store.js';
import { FilesystemBlobStore } from './filesystem/index.js';

/** Opens the store of blobs that the configuration names. */
export async function openBlobs(config: Config, encryption: Encryption): Promise<Opened<EncryptedBlobStore>> {
  const { s3Endpoint: endpoint, s3AccessKey = '', s3SecretKey = '' } = config;
  if (endpoint === undefined) {
    const files = new FilesystemBlobStore({ folder: join(config.callboardDataDir, 'blobs') });
    await files.prepare();
    return { port: new EncryptedBlobStore(files, encryption), close: async () => undefined };
  }
  const { S3BlobStore } = await import('./s3/index.js');
  const objects = new S3BlobStore({
    endpoint,
    region: config.s3Region,
    bucket: config.s3Bucket,
    accessKey: s3AccessKey,
    secretKey: s3SecretKey,
  });
  return { port: new EncryptedBlobStore(objects, encryption), close: () => objects.close() };
}
