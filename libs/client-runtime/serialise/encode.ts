/**
 * Percent-encoding, in the three strengths that a request needs.
 * https://www.rfc-editor.org/rfc/rfc3986#section-2, https://spec.openapis.org/oas/v3.1.1#url-percent-encoding
 */

/** Turns a text into one that may stand in some part of a URL, a form or a cookie. */
export type Encoder = (text: string) => string;

const UNRESERVED_ONLY = /^[A-Za-z0-9\-._~]*$/;
const LEFT_BY_ENCODE_URI_COMPONENT = /[!'()*]/g;

/** Everything but RFC 3986's unreserved characters is encoded. Unpaired surrogates become U+FFFD. */
export function encodeStrict(text: string): string {
  if (UNRESERVED_ONLY.test(text)) return text;
  return encodeURIComponent(wellFormed(text)).replace(LEFT_BY_ENCODE_URI_COMPONENT, encodeByte);
}

/**
 * `allowReserved`: reserved characters and percent-encoded triples pass. Those that would end the value or the query
 * (`#`, `&`), that a query cannot hold (`[`, `]`), or that readers of a form take for a space (`+`) are still encoded,
 * since the value would not arrive.
 */
export function encodeReserved(text: string): string {
  if (UNRESERVED_ONLY.test(text)) return text;
  return wellFormed(text).replace(/%[0-9A-Fa-f]{2}|%|[^A-Za-z0-9\-._~:/?@!$'()*,;=%]+/gu, (found) =>
    found.length === 3 && found.startsWith('%') ? found : encodeStrict(found),
  );
}

/** As HTML forms do it: a space is `+`. https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
export function encodeForm(text: string): string {
  return encodeStrict(text).replaceAll('%20', '+');
}

/** Nothing is encoded: headers and multipart parts. */
export function encodeNothing(text: string): string {
  return text;
}

/** Encodes what a URL's path may not hold as such, and leaves the rest, `/` and percent-encoded triples included. */
export function encodePathLiteral(text: string): string {
  if (/^[A-Za-z0-9\-._~/]*$/.test(text)) return text;
  return wellFormed(text).replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/@!$&'()*+,;=%]+/gu, encodeStrict);
}

/** Encodes what a query may not hold as such, and leaves the rest: a text that is a query already. */
export function encodeQuery(text: string): string {
  return wellFormed(text).replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]+/gu, encodeStrict);
}

function wellFormed(text: string): string {
  return /[\uD800-\uDFFF]/.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
