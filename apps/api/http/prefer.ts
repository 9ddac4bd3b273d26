/** A preference, its value and whatever parameters follow: https://www.rfc-editor.org/rfc/rfc7240#section-2 */
const PREFERENCE = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]*)))?/;

/**
 * Whether a Prefer header asks for a preference with this value. Names and tokens count in any case; of a preference that
 * comes twice the first counts; what cannot be read is as if it were not there (RFC 7240, section 2).
 */
export function prefers(header: string | readonly string[] | undefined, name: string, value: string): boolean {
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    const [, found = '', quoted, token = ''] = PREFERENCE.exec(preference) ?? [];
    if (found.toLowerCase() === name) return (quoted ?? token).toLowerCase() === value;
  }
  return false;
}
