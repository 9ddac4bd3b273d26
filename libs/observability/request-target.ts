/** What comes before the path of an address in absolute form (RFC 9112 section 3.2.2); it may name a user and password. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/** Splits the target of a request where the router does: at the first `?` or `#`. Neither part is decoded. */
export function splitTarget(url: string): { readonly path: string; readonly query: string } {
  const target = url.replace(ORIGIN, '');
  const end = target.search(/[?#]/);
  return end < 0 ? { path: target, query: '' } : { path: target.slice(0, end), query: target.slice(end + 1) };
}
