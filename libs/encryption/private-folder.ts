import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const PRIVATE_FOLDER = 0o700;

/**
 * Makes a folder, and those above it, for its owner alone; one that is there stays as it is. Node.js's own way never ends
 * on file systems that answer "no such folder" to the making of one, such as /proc.
 */
export function makePrivateFolder(folder: string): void {
  const make = () => mkdirSync(folder, { mode: PRIVATE_FOLDER });
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makePrivateFolder(dirname(folder));
    make();
  }
}
