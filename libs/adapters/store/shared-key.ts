import { randomBytes } from 'node:crypto';
import type { Encryption, Place } from '#encryption';

const KEY_BYTES = 32;

/** The name under which a KeyStore's place keeps what `settleKeys` has to know; no shared key has it. */
export const KEY_STATE = '+encryption';

function sharedKeyPlace(name: string): Place {
  return { project: '', kind: 'shared key', id: name };
}

/** New random bytes as they are stored. */
export function newSharedKey(name: string, encryption: Encryption): Buffer {
  return sealSharedKey(name, randomBytes(KEY_BYTES), encryption);
}

/** The bytes as they are stored. */
export function sealSharedKey(name: string, bytes: Buffer, encryption: Encryption): Buffer {
  return encryption.encrypt(sharedKeyPlace(name), 'bytes', bytes);
}

/** The bytes that `sealSharedKey` was given; an older release has stored them as they are. */
export function openSharedKey(name: string, stored: Buffer, encryption: Encryption): Buffer {
  if (stored.length > KEY_BYTES) return encryption.decrypt(sharedKeyPlace(name), 'bytes', stored);
  encryption.plain(sharedKeyPlace(name), 'bytes');
  return stored;
}
