import { InvalidInput } from '#core';

const LONGEST_NAME = 200;

/** @throws InvalidInput for a name that the BlobStore contract does not allow. */
export function checkBlobName(name: string): void {
  const segments = name.split('/');
  const good = segments.every((segment) => /^[\w.-]+$/.test(segment) && segment !== '.' && segment !== '..');
  if (good && name.length <= LONGEST_NAME) return;
  throw new InvalidInput(
    'BLOB_NAME_INVALID',
    `Expected a blob name of at most ${LONGEST_NAME} characters, segments of [A-Za-z0-9._-] joined by "/", got ${JSON.stringify(name.slice(0, LONGEST_NAME))}.`,
  );
}
