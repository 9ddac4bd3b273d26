import type { IncomingHttpHeaders } from 'node:http';

/**
 * What is about one connection and not about the message (RFC 9110 section 7.6.1), and `expect`, which the server has
 * answered by the time a call is passed on.
 */
const OF_THE_CONNECTION = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** What says whom a proxy heard; of a caller it says nothing. */
const OF_PROXIES = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto'];
const OF_THE_BODY = ['content-length', 'content-type'];

/**
 * The headers of a message without those that end at this server. Names are in lower case.
 * @param method of a request; GET and HEAD are passed on without a body, hence without what describes one
 */
export function passedHeaders(headers: IncomingHttpHeaders, method = ''): IncomingHttpHeaders {
  const bodiless = method === 'GET' || method === 'HEAD';
  const dropped = new Set([...OF_THE_CONNECTION, ...OF_PROXIES, ...(bodiless ? OF_THE_BODY : [])]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)));
}
