/** A preference, its value and whatever parameters follow: https://www.rfc-editor.org/rfc/rfc7240#section-2 */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]*)))?/;

/** A longer wait is cut to this many seconds. */
const LONGEST_WAIT_SECONDS = 60;

/** Whether a Prefer header asks for a preference with this value, in any case. */
export function prefers(header: string | readonly string[] | undefined, name: string, value: string): boolean {
  return preferenceOf(header, name)?.toLowerCase() === value;
}

/**
 * How many seconds a Prefer header asks to wait for the end of what it asks for, 60 at most; 0 when it does not.
 * https://www.rfc-editor.org/rfc/rfc7240#section-4.3
 */
export function preferredWait(header: string | readonly string[] | undefined): number {
  const seconds = preferenceOf(header, 'wait') ?? '';
  return /^\d+$/.test(seconds) ? Math.min(Number(seconds), LONGEST_WAIT_SECONDS) : 0;
}

/**
 * The value of a preference. Names count in any case; of a preference that comes twice the first counts; what cannot be
 * read is as if it were not there (RFC 7240, section 2).
 */
function preferenceOf(header: string | readonly string[] | undefined, name: string): string | undefined {
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    const [, found = '', quoted, token = ''] = PREFERENCE.exec(preference) ?? [];
    if (found.toLowerCase() === name) return quoted ?? token;
  }
  return undefined;
}
