import type { Spec } from '#core';
import type { Encryption } from '#encryption';
import type { PayloadRef } from '../payload-encoding.js';
import { openPayload, sealPayload } from '../payload-encoding.js';
import { documentField, specPlace } from '../spec-places.js';

type Secrets = Pick<Spec, 'headers' | 'url' | 'serverVariables' | 'credentials'>;

/** A deleted Spec as it is stored. An older release has stored the secrets among the rest. */
interface StoredRecord extends Omit<Spec, keyof Secrets | 'document'>, Partial<Secrets> {
  /** Encrypted. */
  readonly secrets?: string | null;
  readonly document: PayloadRef;
  readonly lease: { readonly owner: unknown; readonly until: unknown } | null;
}

/** A deleted Spec, and who held it then. */
export interface ArchivedSpec {
  readonly spec: Spec;
  readonly lease: StoredRecord['lease'];
}

/** The record as JSON text, and the bytes of its document if they are kept in the database. */
export function encodeArchivedSpec({ spec, lease }: ArchivedSpec, encryption: Encryption) {
  const { headers, url, serverVariables, credentials, ...open } = spec;
  const place = specPlace(spec);
  const { ref, content } = sealPayload(encryption, place, documentField(spec.documentHash), spec.document);
  const secrets = encryption.encryptJson(place, 'archive', { headers, url, serverVariables, credentials });
  return { record: JSON.stringify({ ...open, secrets, document: ref, lease } satisfies StoredRecord), content };
}

/** What `encodeArchivedSpec` was given. */
export function decodeArchivedSpec(text: string, content: Buffer | null, encryption: Encryption): ArchivedSpec {
  const { secrets, document: ref, lease, ...record } = JSON.parse(text) as StoredRecord;
  const place = specPlace(record);
  const document = openPayload(encryption, place, documentField(record.documentHash), ref, content);
  if (typeof secrets !== 'string') encryption.plain(place, 'archive');
  const opened = encryption.decryptJson(place, 'archive', secrets) as Secrets | undefined;
  return { spec: { ...record, ...opened, document } as Spec, lease };
}
