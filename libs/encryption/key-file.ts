import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { InvalidInput, messageOf, newTraceId, Unavailable } from '#core';
import { KeyRing } from './key-ring.js';
import { makePrivateFolder } from './private-folder.js';

const KEY_FILE = 'callboard.key';

export interface KeyFile {
  readonly keys: KeyRing;
  readonly file: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
}

/**
 * The keys of an installation that was given none: those of a file in its folder, which is made (mode 0600) when it is
 * missing. Of two that make it at once, both have the same.
 * @throws InvalidInput when others may read it, or when it holds no keys; Unavailable when it cannot be read or made.
 */
export function openKeyFile(folder: string): KeyFile {
  const file = join(folder, KEY_FILE);
  return usingKeyFile(file, () => {
    const isNew = !isThere(file) && make(folder, file);
    return { keys: readKeys(file), file, isNew };
  });
}

/** The keys of the file, or null where there is none. @throws as `openKeyFile` does. */
export function findKeyFile(folder: string): KeyRing | null {
  const file = join(folder, KEY_FILE);
  return usingKeyFile(file, () => (isThere(file) ? readKeys(file) : null));
}

function readKeys(file: string): KeyRing {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new InvalidInput(
      'KEY_FILE_OPEN',
      `Expected the key file ${file} to be readable by its owner alone (mode 600), got mode ${mode.toString(8)}.`,
    );
  }
  const keys = KeyRing.parse(readFileSync(file, 'utf8'));
  if (keys) return keys;
  throw new InvalidInput(
    'KEY_FILE_INVALID',
    `Expected the key file ${file} to hold 32 bytes in base64, got something else.`,
  );
}

function usingKeyFile<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const sentence = `Expected to read or make the key file ${file}, got ${messageOf(error)}.`;
    throw new Unavailable('KEY_FILE_NOT_USABLE', sentence, { cause: error });
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Whole or not at all: written under another name, brought to the disk, and then linked, which never replaces. */
function make(folder: string, file: string): boolean {
  makePrivateFolder(folder);
  const temporary = `${file}.${newTraceId()}`;
  try {
    const made = openSync(temporary, 'wx', 0o600);
    try {
      fchmodSync(made, 0o600);
      writeSync(made, `${KeyRing.newKey()}\n`);
      fsyncSync(made);
    } finally {
      closeSync(made);
    }
    linkSync(temporary, file);
    syncFolder(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
