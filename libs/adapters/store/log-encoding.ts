import type { LogRecord } from '#core';
import type { Encryption, Place, RewritingEncryption } from '#encryption';

/** The keys of a record that hold what was sent: masked by names, and still other people's. */
const SECRET_KEYS = ['req_body', 'queue_msg_body', 'other_data'] as const;
const PLACE: Place = { project: '', kind: 'log', id: 'record' };
const FIELD = 'contents';
/** Where they stand, encrypted. */
const SECRETS = 'secrets';

/** Records encrypted together, where nothing looks into them: a cipher costs more than what it encrypts. */
export function sealRecords(json: Uint8Array, encryption: Encryption): Buffer {
  return encryption.encrypt(PLACE, FIELD, json);
}

/** The records whose JSON `sealRecords` was given. */
export function openRecords(sealed: Buffer, encryption: Encryption): LogRecord[] {
  return JSON.parse(encryption.decrypt(PLACE, FIELD, sealed).toString()) as LogRecord[];
}

/** The record of what is stored with parts of it encrypted, or none, if it is to be encrypted again; else null. */
export function rewriteRecord(stored: LogRecord, encryption: RewritingEncryption): LogRecord | null {
  const { value, isStale } = encryption.notice(() => decodeLog(stored, encryption));
  return isStale || SECRET_KEYS.some((key) => key in stored) ? value : null;
}

/** The record with all that was sent encrypted. */
export function encodeLog(record: LogRecord, encryption: Encryption): LogRecord {
  const secrets = SECRET_KEYS.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]]]));
  if (secrets.length === 0) return record;
  const open = Object.entries(record).filter(([key]) => !(SECRET_KEYS as readonly string[]).includes(key));
  const text = JSON.stringify(Object.fromEntries(secrets));
  return {
    ...Object.fromEntries(open),
    [SECRETS]: encryption.encrypt(PLACE, FIELD, Buffer.from(text)).toString('base64'),
  };
}

/** The record that `encodeLog` was given; its keys may come in another order. */
export function decodeLog(record: LogRecord, encryption: Encryption): LogRecord {
  const { [SECRETS]: secrets, ...open } = record;
  if (typeof secrets !== 'string') return record;
  return { ...open, ...(JSON.parse(encryption.decryptText(PLACE, FIELD, secrets)) as LogRecord) };
}
