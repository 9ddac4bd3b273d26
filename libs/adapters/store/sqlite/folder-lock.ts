import { chmodSync, closeSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'libsql';
import { Unavailable, messageOf } from '#core';
import { makePrivateFolder } from '#encryption';

const LOCK_FILE = 'lock.db';
const PRIVATE_FILE = 0o600;

/** How long a process that was just killed gets to let go, in milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * A folder that belongs to this process alone until `release`. The lock is the operating system's, held through
 * SQLite on a file of its own, so it ends with the process however that dies, and the databases beside it stay open
 * to other programs' reading.
 */
export class FolderLock {
  private constructor(private readonly holder: Database.Database) {}

  /**
   * Creates the folder where it is missing (mode 0700) and takes it.
   * @throws Unavailable when the folder cannot be written, or when another process has it; both name the folder.
   */
  static take(folder: string): FolderLock {
    try {
      makePrivateFolder(resolve(folder));
      createPrivateFile(join(folder, LOCK_FILE));
    } catch (cause) {
      throw new Unavailable(
        'DATA_FOLDER_NOT_WRITABLE',
        `Expected a folder that can be written at ${folder}, got: ${messageOf(cause)}.`,
        { cause },
      );
    }
    const holder = new Database(join(folder, LOCK_FILE), { timeout: PATIENCE_MS });
    try {
      holder.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      holder.close();
      throw new Unavailable(
        'DATA_FOLDER_IN_USE',
        `Expected to have the data folder ${folder} alone, but another process is using it.`,
        { cause },
      );
    }
    return new FolderLock(holder);
  }

  /** Lets the folder go. Safe to call twice. */
  release(): void {
    if (!this.holder.open) return;
    this.holder.exec('ROLLBACK');
    this.holder.close();
  }
}

/** SQLite gives its companion files the mode of the database file, so that one must be private from the start. */
export function createPrivateFile(file: string): void {
  closeSync(openSync(file, 'a', PRIVATE_FILE));
  chmodSync(file, PRIVATE_FILE);
}
