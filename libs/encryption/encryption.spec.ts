import { describe, expect, it } from '@jest/globals';
import { Permanent } from '#core';
import { Encryption, KeyRing, RewritingEncryption, rewrittenState, settleKeys } from './index.js';

const place = { project: 'default', kind: 'process', id: 'ProcProcProcProc' };

function ring(text: string): KeyRing {
  const keys = KeyRing.parse(text);
  if (!keys) throw new Error('Expected keys.');
  return keys;
}
const [first, second] = [KeyRing.newKey(), KeyRing.newKey()];

describe('Encryption', () => {
  const encryption = new Encryption(ring(first));

  it('gives back what it was given, and never the same ciphertext twice', () => {
    for (const length of [0, 1, 1_000, 100_000]) {
      const plain = Buffer.alloc(length, 7);
      const [one, two] = [encryption.encrypt(place, 'body', plain), encryption.encrypt(place, 'body', plain)];
      expect(one.equals(two)).toBe(false);
      expect(encryption.decrypt(place, 'body', one)).toEqual(plain);
    }
  });

  it.each([
    ['project', { ...place, project: 'another' }, 'body'],
    ['kind', { ...place, kind: 'spec' }, 'body'],
    ['thing', { ...place, id: 'OtherOtherOther1' }, 'body'],
    ['field', place, 'request'],
  ])('refuses a value that was moved to another %s', (_, moved, field) => {
    const sealed = encryption.encrypt(place, 'body', Buffer.from('secret'));
    expect(() => encryption.decrypt(moved, field, sealed)).toThrow(Permanent);
  });

  it('refuses a value with any byte changed, cut or added', () => {
    const sealed = encryption.encrypt(place, 'body', Buffer.from('secret'));
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => encryption.decrypt(place, 'body', changed)).toThrow(Permanent);
      expect(() => encryption.decrypt(place, 'body', sealed.subarray(0, at))).toThrow(Permanent);
    }
    expect(() => encryption.decrypt(place, 'body', Buffer.concat([sealed, sealed]))).toThrow(Permanent);
  });

  it('reads what each of its keys has encrypted, and encrypts with the first', () => {
    const old = encryption.encrypt(place, 'body', Buffer.from('secret'));
    const both = new Encryption(ring(`new:${second}, old:${first}`));
    expect(both.decrypt(place, 'body', old).toString()).toBe('secret');
    expect([both.isCurrent(old), both.isCurrent(both.encrypt(place, 'body', Buffer.from('x')))]).toEqual([false, true]);
    expect(() => encryption.decrypt(place, 'body', both.encrypt(place, 'body', Buffer.from('x')))).toThrow(
      'Expected the body of the process ProcProcProcProc to be encrypted for its place by a known key, got another version, or another key.',
    );
  });

  it('tells JSON that an older release has stored from its own, and reads it only while there may be some', () => {
    const stored = encryption.encryptJson(place, 'headers', { authorization: 'secret' });
    expect(stored).not.toContain('secret');
    expect(encryption.decryptJson(place, 'headers', stored)).toEqual({ authorization: 'secret' });
    for (const value of [null, {}]) {
      expect(encryption.decryptJson(place, 'headers', encryption.encryptJson(place, 'headers', value))).toEqual(value);
    }
    expect(() => encryption.decryptJson(place, 'headers', '{"a":"b"}')).toThrow(Permanent);
    const older = new Encryption(encryption.keys);
    older.acceptsPlain = true;
    expect(older.decryptJson(place, 'headers', '{"a":"b"}')).toEqual({ a: 'b' });
  });
});

describe('KeyRing', () => {
  it.each(['', 'secret', `${first},`, `${first} ${second}`, first.slice(1), `a name:${first}`])(
    'refuses %j',
    (text) => {
      expect(KeyRing.parse(text)).toBeUndefined();
    },
  );

  it('names keys by what tells nothing of them, the same whatever people call them', () => {
    expect(ring(`a:${first}\n${second}\n`).names).toEqual(ring(`${first},b:${second}`).names);
    expect(ring(ring(`a:${first},${second}`).toText()).names).toEqual(ring(`${first},${second}`).names);
  });
});

describe('the keys of a database', () => {
  const [one, two, both] = [first, second, `${second},${first}`].map((text) => new Encryption(ring(text))) as [
    Encryption,
    Encryption,
    Encryption,
  ];

  const NOTHING = { anything: false, encrypted: false };
  const PLAIN = { anything: true, encrypted: false };

  it('are noted when it is new, and later found to be the same', () => {
    const state = settleKeys(one, null, NOTHING);
    expect(Object.keys(state.checks)).toEqual(one.keys.names);
    expect(settleKeys(one, JSON.stringify(state), PLAIN)).toEqual(state);
    expect(one.acceptsPlain).toBe(false);
  });

  it('are refused when they lack one that it is encrypted with, and the sentence names both', () => {
    const state = JSON.stringify(settleKeys(one, null, NOTHING));
    expect(() => settleKeys(two, state, NOTHING)).toThrow(
      `Expected CALLBOARD_ENCRYPTION_KEY, or the key file, to hold the key ${one.keys.current.name}, which the database is encrypted with, got ${two.keys.current.name}.`,
    );
    const later = JSON.stringify(settleKeys(both, state, NOTHING));
    expect(() => settleKeys(two, later, NOTHING)).toThrow(one.keys.current.name);
    expect(() => settleKeys(one, later, NOTHING)).toThrow(two.keys.current.name);
  });

  it('are refused when the check value was made by another key of the same name', () => {
    const { checks } = settleKeys(one, null, NOTHING);
    const forged = { [two.keys.current.name]: checks[one.keys.current.name] ?? '' };
    expect(() => settleKeys(two, JSON.stringify({ checks: forged, mayHoldPlain: false }), NOTHING)).toThrow('Expected');
  });

  it('say that nothing is plain, which nobody takes back who has no key', () => {
    for (const encryption of [one, both]) {
      const state = settleKeys(both, JSON.stringify(settleKeys(one, null, NOTHING)), NOTHING);
      const forged = JSON.stringify({ ...state, mayHoldPlain: true });
      expect(settleKeys(both, forged, PLAIN)).toEqual(state);
      expect(both.acceptsPlain).toBe(false);
      const gone = { anything: true, encrypted: true };
      for (const none of [null, '{"checks":{},"mayHoldPlain":true}']) {
        expect(() => settleKeys(encryption, none, gone)).toThrow('whose entry +encryption was taken away');
      }
    }
  });

  it('read what is plain in a database of before there were any, until all is rewritten', () => {
    const state = settleKeys(one, null, PLAIN);
    expect([state.mayHoldPlain, one.acceptsPlain]).toEqual([true, true]);
    const later = settleKeys(both, JSON.stringify(state), NOTHING);
    expect(both.acceptsPlain).toBe(true);
    const rewriting = new RewritingEncryption(both.keys, 'plain');
    const rewritten = rewrittenState(rewriting, JSON.stringify(later));
    expect(Object.keys(rewritten.checks).sort()).toEqual([...both.keys.names].sort());
    expect(settleKeys(both, JSON.stringify({ ...rewritten, mayHoldPlain: true }), PLAIN)).toEqual(rewritten);
    expect(both.acceptsPlain).toBe(false);
  });

  it('say so from now on where a state of before said it without a proof', () => {
    const { checks } = settleKeys(one, null, PLAIN);
    const state = settleKeys(one, JSON.stringify({ checks, mayHoldPlain: false }), NOTHING);
    expect(settleKeys(one, JSON.stringify({ ...state, mayHoldPlain: true }), PLAIN)).toEqual(state);
    expect(one.acceptsPlain).toBe(false);
  });
});
