import { escapeSegment } from '../place.js';

/**
 * openapi-typescript reads names as parts of JSON pointers again and again: `%` and `#` in them make it fail or lose
 * its place. They travel as private characters and are put back in the text.
 */
const PERCENT = '\ue025';
const HASH = '\ue023';

export function hideName(name: string): string {
  return name.includes('%') || name.includes('#') ? name.replaceAll('%', PERCENT).replaceAll('#', HASH) : name;
}

/** Puts the characters back, and writes line separators, which end a line for some readers, as escapes. */
export function showNames(text: string): string {
  return text.replace(/[\ue025\ue023\u2028\u2029]/g, (char) => {
    if (char === PERCENT) return '%';
    return char === HASH ? '#' : `\\u${char.charCodeAt(0).toString(16)}`;
  });
}

/** A canonical reference whose last part is a hidden name. */
export function hideReference(ref: string): string {
  const keys = ref.slice(2).split('/');
  return `#/${keys.map((key) => escapeSegment(hideName(key.replaceAll('~1', '/').replaceAll('~0', '~')))).join('/')}`;
}
