import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

/** A small file system in memory, which can be filled and made read-only. */
export class Mount {
  /** @throws {Error} with the system's words where this may not mount, as without root */
  constructor(folder, sizeMb) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    mount('-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=700`, 'callboard-chaos', folder);
  }

  /** @param {'ro' | 'rw'} how */
  remount(how) {
    mount('-o', `remount,${how}`, this.folder);
  }

  release() {
    execFileSync('umount', ['--lazy', this.folder]);
  }
}

/** Writes into a folder until there is no room left. @returns what makes room again */
export function fill(folder) {
  const path = join(folder, 'ballast');
  const file = openSync(path, 'w');
  for (let size = 1 << 20; size > 0;) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
      size >>= 1;
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

function mount(...args) {
  try {
    execFileSync('mount', args, { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    throw new Error(`mount ${args.join(' ')}: ${error.stderr?.trim() || error.message}`, { cause: error });
  }
}
