import { InvalidInput } from '#core';
import type { Encryption } from './encryption.js';
import type { RewritingEncryption } from './rewriting-encryption.js';
import type { RootKey } from './root-key.js';

/** What a database tells of its keys, kept in it. */
export interface KeyState {
  /** A check value for each key that something in it may be encrypted with, by the key's name. */
  readonly checks: Readonly<Record<string, string>>;
  /** Whether an older release may have left values in it that are not encrypted. */
  readonly mayHoldPlain: boolean;
}

const CHECK = 'callboard';

/**
 * The state of a database after it was opened with these keys: the current one is noted before it encrypts anything.
 * @param stored what the database tells; null when it does not yet.
 * @param mayHoldPlain of one that tells nothing: whether there is anything in it.
 * @throws InvalidInput when something in it may be encrypted with a key that is not among these.
 */
export function settleKeys(encryption: Encryption, stored: string | null, mayHoldPlain: boolean): KeyState {
  const state = stored === null ? { checks: {}, mayHoldPlain } : (JSON.parse(stored) as KeyState);
  const { keys } = encryption;
  const missing = Object.keys(state.checks).filter((name) => !keys.names.includes(name));
  if (missing.length > 0) throw wrongKey(missing, keys.names);
  for (const key of keys.keys) {
    const check = state.checks[key.name];
    if (check !== undefined && !passes(encryption, key, check)) throw wrongKey([key.name], keys.names);
  }
  encryption.acceptsPlain = state.mayHoldPlain;
  const { current } = keys;
  if (state.checks[current.name] !== undefined) return state;
  const check = encryption.encrypt(placeOf(current), 'check', Buffer.from(CHECK)).toString('base64');
  return { ...state, checks: { ...state.checks, [current.name]: check } };
}

/** The state of a database in which everything has been rewritten. @throws Error when none was settled before. */
export function rewrittenState({ what, keys }: RewritingEncryption, stored: string | null): KeyState {
  const { checks } = JSON.parse(stored ?? '{"checks":{}}') as KeyState;
  const { name } = keys.current;
  const check = checks[name];
  if (check === undefined) throw new Error(`Expected a check value for the key ${name}, got none.`);
  return { checks: what === 'plain' ? checks : { [name]: check }, mayHoldPlain: false };
}

/** Whether anything in a database of this state may have to be rewritten. */
export function mayNeedRewriting({ what, keys }: RewritingEncryption, { checks, mayHoldPlain }: KeyState): boolean {
  return mayHoldPlain || (what === 'all' && Object.keys(checks).some((name) => name !== keys.current.name));
}

function passes(encryption: Encryption, key: RootKey, check: string): boolean {
  try {
    return encryption.decrypt(placeOf(key), 'check', Buffer.from(check, 'base64')).toString() === CHECK;
  } catch {
    return false;
  }
}

function placeOf(key: RootKey) {
  return { project: '', kind: 'key', id: key.name };
}

function wrongKey(wanted: readonly string[], got: readonly string[]): InvalidInput {
  return new InvalidInput(
    'ENCRYPTION_KEY_WRONG',
    `Expected CALLBOARD_ENCRYPTION_KEY, or the key file, to hold the key ${wanted.join(' and ')}, which the database is encrypted with, got ${got.join(' and ')}.`,
  );
}
