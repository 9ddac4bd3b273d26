import { MASK } from './credential-name.js';

/** User and password of an address, up to the last `@` before its path. */
const USERINFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;

/** The values of an object hidden, its names shown. */
export function maskValues<T>(values: Readonly<Record<string, T>>): Record<string, T | string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? value : MASK] as const),
  );
}

/** An address with its user and password hidden, if it has some. */
export function maskUserinfo(url: string): string {
  return url.replace(USERINFO, `$1${MASK}@`);
}

/** Headers as they were sent, those that were sent masked as they are stored; without regard to the case of names. */
export function keepMasked(
  sent: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = new Map(Object.entries(stored).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name,
      value === MASK ? (known.get(name.toLowerCase()) ?? value) : value,
    ]),
  );
}
