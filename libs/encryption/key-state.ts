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

/** What a check value holds, and once nothing plain is left: whoever writes the database cannot take that back. */
const CHECK = 'callboard';
const ONLY_ENCRYPTED = 'callboard, with nothing plain';

/** What is found in a database that tells of no keys. */
export interface Found {
  readonly anything: boolean;
  /** Then what it has told was taken away: keys are noted before they encrypt anything. */
  readonly encrypted: boolean;
}

/** Whether a database tells of keys; if not, what is in it is to be looked for. */
export function tellsOfKeys(stored: string | null): boolean {
  return stored !== null && Object.keys((JSON.parse(stored) as KeyState).checks).length > 0;
}

/**
 * The state of a database after it was opened with these keys: the current one is noted before it encrypts anything.
 * @param stored what the database tells; null when it does not yet.
 * @param found in one that tells of no keys; null of others, in which nothing was looked for.
 * @throws InvalidInput when something in it may be encrypted with a key that is not among these, or when it has told of keys
 *   and does no more.
 */
export function settleKeys(encryption: Encryption, stored: string | null, found: Found | null): KeyState {
  if (found?.encrypted) throw stateGone();
  const { checks, ...state } =
    stored === null ? { checks: {}, mayHoldPlain: found?.anything ?? false } : (JSON.parse(stored) as KeyState);
  const { keys } = encryption;
  const missing = Object.keys(checks).filter((name) => !keys.names.includes(name));
  if (missing.length > 0) throw wrongKey(missing, keys.names);
  const known = keys.keys.flatMap((key) => {
    const check = checks[key.name];
    if (check === undefined) return [];
    const text = textOf(encryption, key, check);
    if (text === null) throw wrongKey([key.name], keys.names);
    return [{ key, text }];
  });
  const isOnlyEncrypted = known.some(({ text }) => text === ONLY_ENCRYPTED) || !state.mayHoldPlain;
  encryption.acceptsPlain = !isOnlyEncrypted;
  const text = isOnlyEncrypted ? ONLY_ENCRYPTED : CHECK;
  const isNew = checks[keys.current.name] === undefined;
  const made = known.filter((each) => each.text !== text).map(({ key }) => key);
  const noted = [...made, ...(isNew ? [keys.current] : [])].map((key) => [key.name, checkOf(encryption, key, text)]);
  return {
    checks: { ...checks, ...(Object.fromEntries(noted) as KeyState['checks']) },
    mayHoldPlain: !isOnlyEncrypted,
  };
}

/** The state of a database in which everything has been rewritten. @throws Error when none was settled before. */
export function rewrittenState(encryption: RewritingEncryption, stored: string | null): KeyState {
  const { what, keys } = encryption;
  const { checks } = JSON.parse(stored ?? '{"checks":{}}') as KeyState;
  const { name } = keys.current;
  if (checks[name] === undefined) throw new Error(`Expected a check value for the key ${name}, got none.`);
  const needed = keys.keys.filter((key) => (what === 'plain' ? checks[key.name] !== undefined : key.name === name));
  const noted = needed.map((key) => [key.name, checkOf(encryption, key, ONLY_ENCRYPTED)]);
  return { checks: Object.fromEntries(noted) as KeyState['checks'], mayHoldPlain: false };
}

/** Whether anything in a database of this state may have to be rewritten. */
export function mayNeedRewriting({ what, keys }: RewritingEncryption, { checks, mayHoldPlain }: KeyState): boolean {
  return mayHoldPlain || (what === 'all' && Object.keys(checks).some((name) => name !== keys.current.name));
}

function checkOf(encryption: Encryption, key: RootKey, text: string): string {
  return encryption.encrypt(placeOf(key), 'check', Buffer.from(text), key).toString('base64');
}

/** What a check value says; null when it was not made with this key. */
function textOf(encryption: Encryption, key: RootKey, check: string): string | null {
  try {
    const text = encryption.decrypt(placeOf(key), 'check', Buffer.from(check, 'base64')).toString();
    return text === CHECK || text === ONLY_ENCRYPTED ? text : null;
  } catch {
    return null;
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

function stateGone(): InvalidInput {
  const expected = 'Expected a database with encrypted values to tell which keys it needs';
  return new InvalidInput(
    'ENCRYPTION_STATE_GONE',
    `${expected}, got one whose entry +encryption was taken away: restore it from a backup.`,
  );
}
