import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteReport, Tell } from '../suite.js';
import type { Answer } from './asking.js';
import type { Kind, Marks } from './marks.js';

const LEAST_SEEN = 200;
/** What may stand anywhere but in answers. */
const WRITTEN: readonly Kind[] = ['field of ours'];

/** Looks for planted secrets in all that it is given, and notes where one stands that should not. */
export class Search {
  private readonly failures = new Set<string>();
  private tried = 0;

  constructor(
    private readonly marks: Marks,
    private readonly how: string,
    private readonly tell: Tell,
  ) {}

  /** Some bytes. @param shown the kinds of secrets that may stand there */
  in(where: string, bytes: Buffer, shown = WRITTEN): void {
    this.tried += this.marks.count;
    for (const place of this.marks.foundIn(bytes, shown)) this.fail(`${place} stands in ${where}`);
    this.tell(this.tried);
  }

  /** All that was answered. Secrets that nobody was ever shown may never have been where they were to leak from. */
  answers(answers: readonly Answer[]): void {
    const seen = new Set<string>();
    for (const { what, bytes, shows } of answers) {
      this.in(`the answer to ${what}`, bytes, shows);
      if (shows.length > 0) for (const place of this.marks.foundIn(bytes)) seen.add(place);
    }
    if (seen.size < LEAST_SEEN) {
      this.fail(`Expected ${LEAST_SEEN} secrets at least to come back from where they were given to, got ${seen.size}`);
    }
  }

  /** Every file of a folder, and its name. @param but files that may hold what they hold */
  async files(folder: string, but: readonly string[] = []): Promise<void> {
    const names = await readdir(folder, { recursive: true });
    this.in('names of files', Buffer.from(names.join('\n')));
    for (const name of names.filter((each) => !but.includes(each))) {
      const path = join(folder, name);
      if ((await stat(path).catch(() => null))?.isFile()) this.in(name, await readFile(path));
    }
  }

  fail(sentence: string): void {
    this.failures.add(`${sentence} ${this.how}`);
  }

  /** What came of it. */
  get report(): Omit<SuiteReport, 'name'> {
    return { tried: this.tried, through: this.failures.size, failures: [...this.failures] };
  }
}
