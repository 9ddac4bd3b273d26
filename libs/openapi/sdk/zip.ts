import { constants, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { SdkFile } from './tree.js';

/**
 * Files as a zip, read one after the other as the stream is: memory stays flat.
 * @param under the folder inside the zip that all of them lie in.
 */
export function zipOf(folder: string, files: readonly SdkFile[], under: string): Readable {
  const zip = new ZipFile();
  const stream = zip.outputStream.pipe(new PassThrough());
  let current: ReadStream | undefined;
  stream.once('close', () => current?.destroy());
  const fail = (error: Error): void => void stream.destroy(error);
  zip.on('error', fail);
  for (const { name, isProgram } of files) {
    zip.addReadStreamLazy(`${under}/${name}`, { mode: isProgram ? 0o100755 : 0o100644 }, (give) => {
      openFile(join(folder, name)).then((file) => {
        current = file;
        file.on('error', fail);
        give(null, file);
      }, fail);
    });
  }
  zip.end();
  return stream;
}

/** Fails for what has become a link by now. */
async function openFile(path: string): Promise<ReadStream> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  return file.createReadStream();
}
