/** Reading media types: https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1 */

/** `type/subtype` in lower case, without parameters. */
export function essence(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** One parameter's value, unquoted; undefined when absent. */
export function mediaParameter(contentType: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(contentType);
  return found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2];
}

/** `application/json`, `text/json` and everything `+json`. */
export function isJson(contentType: string): boolean {
  const type = essence(contentType);
  return type === 'application/json' || type.endsWith('+json') || type === 'text/json' || type === 'application/*+json';
}

/** One JSON value a line, or a record: https://www.rfc-editor.org/rfc/rfc7464 */
export function isJsonLines(contentType: string): boolean {
  return /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq)$/.test(essence(contentType));
}

/** `application/xml`, `text/xml` and everything `+xml`: https://www.rfc-editor.org/rfc/rfc7303 */
export function isXml(contentType: string): boolean {
  const type = essence(contentType);
  return type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml');
}

/** URL-encoded forms: https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
export function isForm(contentType: string): boolean {
  return essence(contentType) === 'application/x-www-form-urlencoded';
}

/** Every kind of multipart, forms or not: https://www.rfc-editor.org/rfc/rfc2046#section-5.1 */
export function isMultipart(contentType: string): boolean {
  return essence(contentType).startsWith('multipart/');
}

/** Types whose bytes are text, so that a JSON string stands for them as it is. */
export function isText(contentType: string): boolean {
  const type = essence(contentType);
  return type.startsWith('text/') || isXml(type) || TEXTUAL.test(type);
}

const TEXTUAL =
  /^application\/(?:.*\+)?(?:x-)?(?:yaml|graphql|sql|javascript|ecmascript|typescript|csv|toml|jwt|jose|edn|hjson|json5|sdp|sparql-.*|n-triples|n-quads|trig|turtle|ld-patch|pem-.*|pkcs10-pem|x509-pem|rtf|dns-text|vnd\.yaml|vnd\.[a-z.-]*(?:csv|text|yaml|sql))$/;

/** A type with a `*` in it. */
export function isRange(contentType: string): boolean {
  return contentType.includes('*');
}

/** Whether a declared type, which may be a range, covers a concrete one. Parameters are not compared. */
export function covers(declared: string, concrete: string): boolean {
  const range = essence(declared);
  const type = essence(concrete);
  if (range === type || range === '*/*' || range === '*') return true;
  if (range === 'application/*+json') return type.endsWith('+json');
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}

/** Whether it may stand in a header: `type/subtype`, perhaps with parameters, all of it printable ASCII. */
export function isMediaType(contentType: string): boolean {
  return /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+\/[!#$%&'*+\-.^_`|~A-Za-z0-9]+(?:\s*;[\x20-\x7E\t]*)?$/.test(contentType.trim());
}

/** The first type of a comma-separated list, as the Encoding Object's `contentType` may be. */
export function firstOf(contentTypes: string): string {
  return (contentTypes.split(',')[0] ?? '').trim();
}
