import type { OutgoingHttpHeaders } from 'node:http2';
import type { Header } from '../serialise/headers.js';
import type { Waiting } from './waiting.js';

/** Belong to the connection in HTTP/1.1 and are forbidden here: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2 */
const OF_CONNECTION = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** A request's fields as HTTP/2 has them: https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1 */
export function fieldsOf(authority: string, { path, headers, exchange }: Waiting): OutgoingHttpHeaders {
  const { method, body } = exchange.request;
  const fields = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = headers[index + 1] ?? '';
    if (OF_CONNECTION.has(name)) continue;
    const former = fields.get(name);
    fields.set(name, former === undefined ? value : `${former}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  // As over HTTP/1.1: methods that usually have a body say that they have none.
  const length = body?.length ?? (/^(POST|PUT|PATCH)$/.test(method) ? 0 : undefined);
  if (length !== undefined) fields.set('content-length', String(length));
  return {
    ':method': method,
    ':scheme': 'https',
    ':authority': authority,
    ':path': path,
    // Names such as __proto__ are entries like any others.
    ...Object.fromEntries(fields),
  };
}

/** The headers of an answer from names and values in turn, but for those that HTTP/2 adds. */
export function headersFrom(raw: unknown): Header[] {
  const flat: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const headers: Header[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = String(flat[index]);
    if (!name.startsWith(':')) headers.push([name, String(flat[index + 1])]);
  }
  return headers;
}
