import type { ListPlace } from '../list-cursor.js';

/** Digits of the latest time that a Date can hold. */
const DIGITS = 16;

/**
 * When a letter was given up and whose it is, as one text in the order of both: one field, so that its sparse index
 * holds nothing but letters and gives them in the order of lists.
 */
export function deadKey(at: number, traceId: string): string {
  return `${String(Math.max(0, at)).padStart(DIGITS, '0')} ${traceId}`;
}

export function placeOfDeadKey(key: string): ListPlace<string> {
  return { createdAt: Number(key.slice(0, DIGITS)), key: key.slice(DIGITS + 1) };
}
