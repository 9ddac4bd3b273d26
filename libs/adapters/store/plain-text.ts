import { InvalidInput } from '#core';

/** What some database cuts, changes or refuses in a plain text: NUL, and half of a surrogate pair. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Whether a text is one that is stored as it is; no other is ever found. */
export function isPlainText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/**
 * Checks texts that are stored as they are, so that they can be searched; all other texts are kept as JSON, which
 * escapes what is refused here.
 * @param texts by what they are called in a sentence, e.g. `{ name: 'filmot' }`.
 * @throws InvalidInput for the first text with a NUL character or half of a surrogate pair; it names the text.
 */
export function checkPlainTexts(texts: Readonly<Record<string, string | null | undefined>>): void {
  for (const [called, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || isPlainText(text)) continue;
    throw new InvalidInput(
      'TEXT_INVALID',
      `Expected a ${called} without NUL characters and halves of surrogate pairs, got one with some.`,
    );
  }
}
