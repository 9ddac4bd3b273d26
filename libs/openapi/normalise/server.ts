import { describe, excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Context } from './context.js';

/** https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1: what is made of a document is read by people, and holds no secret. */
const USERINFO = /^((?:[a-z][a-z\d+.-]*:)?\/\/)[^/?#]*@/i;

/**
 * `servers` of a document, path or operation: each has a URL as text, each variable values as text.
 * https://spec.openapis.org/oas/v3.1.1#server-object
 */
export function normaliseServers(node: Json, place: Place, context: Context): void {
  const list = context.arrayField(node, 'servers', place);
  if (!list) return;
  node.servers = list.flatMap((item, index) => {
    const at = place.at('servers', index);
    const server: unknown = typeof item === 'string' ? { url: item } : item;
    if (server !== item) {
      context.warnings.add('server', at, 'Expected an object, got a string, which was read as the URL of a server.');
    }
    if (!isObject(server) || typeof own(server, 'url') !== 'string' || String(server.url).trim() === '') {
      context.warnings.add('server', at, 'A server without a URL was left out.');
      return [];
    }
    const url = String(server.url).trim();
    server.url = url.replace(USERINFO, '$1');
    if (server.url !== url) {
      const message = 'A user name or password in the address of a server was left out: give it as a credential.';
      context.warnings.add('server', at, message);
    }
    context.eachEntry(server, 'variables', at, (variable, entry) => normaliseVariable(variable, entry, context));
    return [server];
  });
  if ((node.servers as unknown[]).length === 0) Reflect.deleteProperty(node, 'servers');
}

/** https://spec.openapis.org/oas/v3.1.1#server-variable-object */
function normaliseVariable(value: unknown, place: Place, context: Context): Json {
  if (!isObject(value)) {
    const otherwise = isScalar(value) ? String(value) : '';
    const message = `Expected an object, got ${describe(value)}; the variable's default became "${excerpt(otherwise)}".`;
    context.warnings.add('server', place, message);
    return { default: otherwise };
  }
  const values = context.arrayField(value, 'enum', place)?.filter(isScalar);
  if (values) value.enum = values.map(String);
  if (context.textField(value, 'default', place) === undefined && values?.[0] !== undefined) {
    value.default = String(values[0]);
    context.warnings.add('server', place, 'A server variable without a default got its first value as one.');
  }
  return value;
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
