/** Values as a sentence may tell them: by their kind and size, never by what they hold, since any may be a secret. */

/** A token of RFC 9110: nothing that a header's value, an address or prose could be is one. */
const PLAIN_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]{1,64}$/;

/** What a value is, for the end of a sentence: "a string of 7 characters". */
export function describeShape(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value === '' ? 'an empty string' : `a string of ${counted(value.length, 'character')}`;
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'number') return describeNumber(value);
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty array' : `an array of ${counted(value.length, 'item')}`;
  if (value instanceof Uint8Array) return counted(value.length, 'byte');
  if (typeof value !== 'object') return `a ${typeof value}`;
  const size = Object.keys(value).length;
  return size === 0 ? 'an empty object' : `an object of ${counted(size, 'property')}`;
}

/**
 * Whether what stands where a name belongs is one: a word of at most 64 characters without spaces, colons and the like. Anything
 * else may be a value that was put there by mistake, such as `Authorization: Bearer …` in place of `Authorization`.
 */
export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/** A name that somebody gave, where it is one; else its length. */
export function describeName(name: string): string {
  return isPlainName(name) ? JSON.stringify(name) : `a name of ${counted(name.length, 'character')}`;
}

/** "1 item", "2 items", "3 properties". */
export function counted(number: number, what: string): string {
  if (number === 1) return `1 ${what}`;
  return `${number} ${what.endsWith('y') ? `${what.slice(0, -1)}ies` : `${what}s`}`;
}

function describeNumber(value: number): string {
  const digits = String(Math.abs(value)).replace(/e.*|\D/g, '').length;
  return `${Number.isInteger(value) ? 'an integer' : 'a number'} of ${counted(digits, 'digit')}`;
}
