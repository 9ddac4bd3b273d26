import { isCredentialName, MASK } from '#core';
import { maskText } from './mask-text.js';

/** What is searched for may be anything, such as a secret that somebody fears has leaked. */
const SEARCHED = new Set(['error', 'reason', 'search']);

/**
 * The query of an address for a log: values of credential-like names, and texts that are searched for, masked; others by pattern.
 * @param all all values are: of a query that was refused nothing says what they are.
 */
export function maskQuery(query: string, all = false): string {
  return query
    .split('&')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      const value = rest.join('=');
      if (value === '') return pair;
      if (all || SEARCHED.has(decoded(name)) || isCredentialName(name)) return `${name}=${MASK}`;
      // Only what holds something is told in other words than it came in.
      const plain = decoded(value);
      return maskText(plain) === plain ? pair : `${name}=${MASK}`;
    })
    .join('&');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
