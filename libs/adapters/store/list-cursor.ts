import { InvalidInput } from '#core';

/** Where a list of processes goes on: behind the one that was accepted then and has this key. */
export interface ListPlace<Key extends number | string> {
  readonly createdAt: number;
  readonly key: Key;
}

/** A place as callers carry it from page to page. */
export function encodeCursor({ createdAt, key }: ListPlace<number | string>): string {
  return Buffer.from(JSON.stringify([createdAt, key])).toString('base64url');
}

/**
 * The place that `encodeCursor` was given, or null for no cursor.
 * @param isKey tells the keys of this store.
 * @throws InvalidInput for anything else.
 */
export function decodeCursor<Key extends number | string>(
  cursor: string | undefined,
  isKey: (key: unknown) => key is Key,
): ListPlace<Key> | null {
  if (cursor === undefined) return null;
  const [createdAt, key, ...more] = partsOf(cursor);
  if (!Number.isSafeInteger(createdAt) || !isKey(key) || more.length > 0) {
    throw new InvalidInput(
      'CURSOR_INVALID',
      'Expected cursor to be the next_cursor of an earlier page, got other text.',
    );
  }
  return { createdAt: createdAt as number, key };
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
