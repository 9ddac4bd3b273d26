import { rewriteStored, SystemClock } from '#adapters';
import type { RewriteProgress, RewriteResult } from '#adapters';
import { readConfig } from '#config';
import type { Config } from '#config';
import { InvalidInput } from '#core';
import { KeyRing } from '#encryption';
import type { Rewritable } from '#encryption';

const USAGE = `Usage: npm run keys -- new      prints a new key
       npm run keys -- rewrap   encrypts again, with the first key, whatever another key has encrypted
       npm run keys -- encrypt  encrypts what an older release has stored plain
The last two read the configuration that Callboard runs with. A standalone Callboard must be stopped meanwhile; with MongoDB
every process must have been started with the first key before.`;

const REWRITES: Readonly<Record<string, Rewritable>> = { rewrap: 'all', encrypt: 'plain' };
/** How often progress is told at most, in milliseconds. */
const TELL_MS = 1_000;
/** How many things that could not be read are told one by one. */
const MOST_TOLD = 20;

export interface KeysCommandIo {
  /** Takes what was asked for. */
  readonly print: (text: string) => void;
  /** Takes what is told along the way. */
  readonly tell: (line: string) => void;
  /** Reads the configuration (that of a standalone process, which knows every backend). */
  readonly config?: () => Config;
}

/**
 * Makes a key, or encrypts again what is stored.
 * @returns whether all that was to be done is done.
 * @throws ConfigError for a configuration, and AppError in one sentence for arguments, keys or backends that cannot be used.
 */
export async function runKeysCommand(args: readonly string[], io: KeysCommandIo): Promise<boolean> {
  const { print, tell, config = () => readConfig('standalone') } = io;
  const [verb = '', ...more] = args;
  if (verb === 'new' && more.length === 0) {
    print(`${KeyRing.newKey()}\n`);
    return true;
  }
  const what = Object.hasOwn(REWRITES, verb) && more.length === 0 ? REWRITES[verb] : undefined;
  if (!what) throw new InvalidInput('USAGE', USAGE);
  const result = await rewriteStored(config(), what, { clock: new SystemClock(), onProgress: teller(tell) });
  for (const sentence of result.unreadable.slice(0, MOST_TOLD)) tell(sentence);
  print(`${ending(what, result)}\n`);
  return result.unreadable.length === 0;
}

function ending(what: Rewritable, { key, rewritten, unreadable }: RewriteResult): string {
  if (unreadable.length > 0) {
    return `Encrypted ${things(rewritten)} with the key ${key}; ${unreadable.length} could not be read and stay as they are, with the keys that they need.`;
  }
  const done = rewritten === 0 ? 'There was nothing to encrypt' : `Encrypted ${things(rewritten)} with the key ${key}`;
  return what === 'plain' ? `${done}. Nothing is stored plain.` : `${done}. No other key is needed.`;
}

function teller(tell: (line: string) => void): (progress: RewriteProgress) => void {
  let last: { at: number; what: string } | undefined;
  return ({ look, part, seen, total, rewritten }) => {
    const what = `${look} ${part}`;
    const now = performance.now();
    if (last?.what === what && now - last.at < TELL_MS) return;
    last = { at: now, what };
    const of = total === null ? String(seen) : `${seen} of ${total}`;
    tell(`${look === 1 ? 'Encrypting' : 'Looking again'}: ${part}, ${of}, ${rewritten} encrypted`);
  };
}

function things(count: number): string {
  return count === 1 ? 'one thing' : `${count} things`;
}
