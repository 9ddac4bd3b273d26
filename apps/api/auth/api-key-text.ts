import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { newTraceId } from '#core';

const FORM = /^cb_([A-Za-z0-9]{16})_([0-9a-f]{40})([0-9a-f]{16})$/;
const SECRET_BYTES = 20;
const TAG_BYTES = 8;

/** An API key as its owner has it: `cb_`, its trace id, `_`, 160 random bits and a tag of 64 bits, both in hexadecimals. */
export interface ApiKeyText {
  readonly traceId: string;
  readonly text: string;
}

/** Makes a key. @param tagKey the installation's own: only what was tagged with it is ever looked up */
export function makeApiKeyText(tagKey: Buffer): ApiKeyText {
  const traceId = newTraceId();
  const head = `cb_${traceId}_${randomBytes(SECRET_BYTES).toString('hex')}`;
  return { traceId, text: `${head}${tagOf(head, tagKey).toString('hex')}` };
}

/** The trace id in a text, without proof of any kind; undefined when it has not the form of a key. */
export function apiKeyIdOf(text: string): string | undefined {
  return FORM.exec(text)?.[1];
}

/** Whether this installation has made such a key once. It may have been taken away, or have expired, since. */
export function isOurs(text: string, tagKey: Buffer): boolean {
  const tag = Buffer.from(text.slice(-2 * TAG_BYTES), 'hex');
  const expected = tagOf(text.slice(0, -2 * TAG_BYTES), tagKey);
  return tag.length === expected.length && timingSafeEqual(tag, expected);
}

/** What is kept of a key: without a salt or cost, since nobody can guess 160 random bits. */
export function apiKeyHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares in constant time. */
export function isHashOf(hash: string, text: string): boolean {
  const [given, kept] = [Buffer.from(apiKeyHash(text)), Buffer.from(hash)];
  return given.length === kept.length && timingSafeEqual(given, kept);
}

/** What is shown of a key. */
export function apiKeyPrefix(traceId: string): string {
  return `cb_${traceId}`;
}

function tagOf(head: string, tagKey: Buffer): Buffer {
  return createHmac('sha256', tagKey).update(head).digest().subarray(0, TAG_BYTES);
}
