import { createHash, timingSafeEqual } from 'node:crypto';

/** A user name and its password. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Makes a check whether an Authorization header holds these credentials (HTTP Basic, RFC 7617, UTF-8), in constant time.
 */
export function pairChecker({ username, password }: BasicCredentials): (authorization: string | undefined) => boolean {
  const pair = `${username}:${password}`;
  // As nearly every client writes it, so that most need no hash.
  const usual = Buffer.from(`Basic ${Buffer.from(pair).toString('base64')}`);
  const expected = digest(pair);
  return (authorization) => {
    if (isUsual(authorization, usual)) return true;
    const given = pairOf(authorization);
    // Equal lengths for both sides, so that neither the comparison nor the length tells anything.
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/** The user name, a colon and the password of an Authorization header; undefined where there is no such pair. */
export function pairOf(authorization: string | undefined): string | undefined {
  const token = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString();
}

/** Tells by its time the length of the header at most. */
function isUsual(authorization: string | undefined, header: Buffer): boolean {
  if (authorization?.length !== header.length) return false;
  const given = Buffer.from(authorization, 'latin1');
  return timingSafeEqual(given, header);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
