import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Permanent } from '#core';
import { excerpt } from '../json.js';
import { formatBytes } from '../limits.js';

/** A file of an SDK. */
export interface SdkFile {
  /** Below the SDK's folder, with forward slashes. */
  readonly name: string;
  readonly bytes: number;
  readonly isProgram: boolean;
}

/** More than the largest documents make. */
const MOST_FILES = 200_000;

/**
 * All files below a folder, by name. Links are not followed.
 * @throws Permanent for anything but plain files and folders, for names that other systems read otherwise, and when there
 *   are more bytes than `maxBytes` or 200,000 files.
 */
export async function filesOf(folder: string, maxBytes: number): Promise<SdkFile[]> {
  const files: SdkFile[] = [];
  let bytes = 0;
  const visit = async (below: string): Promise<void> => {
    for (const entry of await list(join(folder, below))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (/[\\:\p{Cc}]/u.test(entry.name)) throw oddFile(name, 'plain names');
      if (entry.isDirectory()) {
        await visit(name);
        continue;
      }
      if (!entry.isFile()) throw oddFile(name, 'plain files and folders');
      const info = await lstat(join(folder, name)).catch(() => null);
      // Gone between the two, while it is still being made.
      if (!info) continue;
      files.push({ name, bytes: info.size, isProgram: (info.mode & 0o100) !== 0 });
      bytes += info.size;
      if (bytes > maxBytes || files.length > MOST_FILES) throw tooLarge(maxBytes);
    }
  };
  await visit('');
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function list(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

function oddFile(name: string, expected: string): Permanent {
  return new Permanent('SDK_ODD_FILE', `Expected an SDK of ${expected}, got \`${excerpt(name, 100)}\` in it.`);
}

function tooLarge(maxBytes: number): Permanent {
  const most = `${formatBytes(maxBytes)} and ${MOST_FILES} files`;
  return new Permanent('SDK_TOO_LARGE', `Expected an SDK of at most ${most}, got a larger one (SDK_MAX_BYTES).`);
}
