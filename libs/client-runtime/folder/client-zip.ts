import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Spec } from '#core';
import { json } from './client-folder.js';
import { CLIENT_DECLARATION, TSCONFIG } from './client-module.js';
import { clientName } from './package-json.js';

/** Before it the format has no dates: https://libzip.org/specifications/appnote_iz.txt, "date and time fields". */
const EARLIEST = Date.UTC(1980, 0, 1);

/**
 * A generated client as a zip of one folder, `<name>-client/`, that can be installed by its path
 * (`npm install ./<name>-client`): the files of `clientFolder`, with declarations in place of sources, since what is
 * installed is not compiled. Equal input gives equal bytes on every machine; `bin/client` is executable.
 * @param files what `clientFolder` gave. For equal bytes its `now` must be the Spec's `updatedAt` too.
 * @returns the bytes, which are made as they are read.
 */
export function clientZip(
  files: Readonly<Record<string, string>>,
  spec: Pick<Spec, 'traceId' | 'name' | 'updatedAt'>,
): Readable {
  const zip = new ZipFile();
  const folder = clientName(spec);
  const mtime = new UtcDate(Math.max(spec.updatedAt, EARLIEST));
  for (const [path, content] of Object.entries(packageFiles(files)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const mode = path.startsWith('bin/') ? 0o100755 : 0o100644;
    zip.addBuffer(Buffer.from(content), `${folder}/${path}`, { mtime, mode, forceDosTimestamp: true });
  }
  zip.end();
  // Typed as less than it is.
  return zip.outputStream as Readable;
}

/** The files of the folder as those of a package. */
function packageFiles(files: Readonly<Record<string, string>>): Record<string, string> {
  const { 'client.ts': _, 'types.ts': types = '', 'credentials.ts': credentials = '', ...others } = files;
  return {
    ...others,
    'types.d.ts': types,
    'credentials.d.ts': credentials,
    'client.d.ts': CLIENT_DECLARATION,
    'package.json': (files['package.json'] ?? '').replaceAll('./client.ts', './client.d.ts'),
    'tsconfig.json': json({ ...TSCONFIG, files: ['client.d.ts'] }),
  };
}

/** The format holds a time of day without its zone, which is the machine's unless the date says otherwise. */
class UtcDate extends Date {
  override getFullYear(): number {
    return this.getUTCFullYear();
  }
  override getMonth(): number {
    return this.getUTCMonth();
  }
  override getDate(): number {
    return this.getUTCDate();
  }
  override getHours(): number {
    return this.getUTCHours();
  }
  override getMinutes(): number {
    return this.getUTCMinutes();
  }
  override getSeconds(): number {
    return this.getUTCSeconds();
  }
}
