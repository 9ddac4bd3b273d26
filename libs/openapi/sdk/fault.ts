import { excerpt } from '../json.js';

/** Kept of what Java says: its first words name the fault, its last ones the cause. */
const KEPT_CHARACTERS = 16 * 1024;

/** Keeps the beginning and the end of what a program writes to its standard error. */
export class LastWords {
  private first = '';
  private last = '';

  add(chunk: Buffer): void {
    const text = chunk.toString('utf8');
    const room = Math.max(0, KEPT_CHARACTERS - this.first.length);
    this.first += text.slice(0, room);
    this.last = (this.last + text.slice(room)).slice(-KEPT_CHARACTERS);
  }

  /**
   * What a Java program says went wrong: the message of its exception and the one of the first cause; null when there
   * is none. Folders of this machine are left out.
   */
  fault(folders: readonly string[]): string | null {
    const text = `${this.first}\n${this.last}`;
    const messages = [
      /^Exception in thread "[^"\n]*" [\w.$]+: (.+)$/m.exec(text)?.[1],
      [...text.matchAll(/^Caused by: [\w.$]+: (.+)$/gm)].at(-1)?.[1],
    ].flatMap((message) => message ?? []);
    const told = [...new Set(messages)].map((message) => excerpt(withoutFolders(message, folders), 200));
    return told.length === 0 ? null : told.join(': ').replace(/\.$/, '');
  }
}

function withoutFolders(text: string, folders: readonly string[]): string {
  return folders.reduce((rest, folder) => rest.replaceAll(folder, '…'), text);
}
