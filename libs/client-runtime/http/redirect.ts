import type { HttpRequest } from '../request.js';
import { CallFailed, targetOf } from './call-failed.js';

/** More of them are a loop: https://fetch.spec.whatwg.org/#http-redirect-fetch allows 20, most clients 5 to 10. */
export const MAX_REDIRECTS = 10;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether an answer of this status with a Location asks for another request. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * The request that a redirect asks for: GET after 301, 302 and 303 (HEAD stays), without the body and what is said of
 * it; the same method and body after 307 and 308. To another origin go only the headers that the document alone made,
 * and no certificate; what they left behind does not come back on the way home. Nothing is added to the location, and cookies that are
 * set on the way are not kept.
 * https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 * @throws CallFailed when the location is no http or https address.
 */
export function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  const target = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
  if (!target || (target.protocol !== 'http:' && target.protocol !== 'https:')) {
    throw new CallFailed(
      'CALL_REDIRECT',
      `${targetOf(request)}: redirected to what is not an http or https address`,
      true,
    );
  }
  target.hash = '';
  target.username = '';
  target.password = '';

  const { method } = request;
  const toGet = method !== 'GET' && method !== 'HEAD' && status <= 303;
  const elsewhere = new URL(request.url).origin !== target.origin;
  const headers = request.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    if (toGet && lower.startsWith('content-')) return false;
    return !elsewhere || request.openHeaders.includes(lower);
  });
  return {
    method: toGet ? 'GET' : method,
    url: target.href,
    // The address of an answer is the service's: what of it came from a parameter nobody knows.
    shownUrl: `${target.origin}/…`,
    headers,
    openHeaders: request.openHeaders,
    body: toGet ? undefined : request.body,
    certificate: elsewhere ? undefined : request.certificate,
  };
}
