import type { PayloadRef } from './payload-encoding.js';

/** The blob of a payload's reference, if it has one that belongs to this process and to no other. */
export function ownBlobs(traceId: string, ref: unknown): string[] {
  const { blob } = (ref ?? {}) as Partial<PayloadRef>;
  const isOwn = blob === `bodies/${traceId}` || blob?.startsWith(`responses/${traceId}/`);
  return blob !== undefined && isOwn ? [blob] : [];
}

/**
 * What a response takes; 0 for none.
 * @param headBytes the length of its head, which is JSON text
 * @param contentBytes the length of what is kept beside that; null where its body is a blob
 */
export function responseBytes(head: string | null, headBytes: number, contentBytes: number | null): number {
  return head === null ? 0 : headBytes + (contentBytes ?? (JSON.parse(head) as { body: PayloadRef }).body.bytes);
}

/** The blobs and the bytes of payloads, each by its reference as JSON text. */
export function tallyRefs(refs: readonly (string | null | undefined)[]): { blobs: string[]; bytes: number } {
  const parsed = refs.flatMap((ref) => (typeof ref === 'string' ? (JSON.parse(ref) as PayloadRef) : []));
  return {
    blobs: parsed.flatMap(({ blob }) => blob ?? []),
    bytes: parsed.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The same of a Client, whose references are one JSON text. */
export function clientRefs(refs: string | null | undefined): string[] {
  if (typeof refs !== 'string') return [];
  return Object.values(JSON.parse(refs) as Record<string, PayloadRef>).map((ref) => JSON.stringify(ref));
}
