import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Nothing of an answer may run, load or be framed; a page of ours has a policy of its own. */
const POLICY = "default-src 'none'; frame-ancestors 'none'";
const HSTS = 'max-age=31536000';

/**
 * What every answer says to browsers unless its route says otherwise: https://owasp.org/www-project-secure-headers/
 * @param isSecure whether the listener speaks TLS
 */
export function securityHeaders(isSecure: boolean): readonly (readonly [name: string, value: string])[] {
  return [
    ['Cache-Control', 'no-store'],
    ['Content-Security-Policy', POLICY],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Referrer-Policy', 'no-referrer'],
    ['X-Content-Type-Options', 'nosniff'],
    ...(isSecure ? [['Strict-Transport-Security', HSTS] as const] : []),
  ];
}

/** Sets them on all answers of a server, also on those that no route or hook sees. */
export function addSecurityHeaders(server: Server, isSecure: boolean): void {
  const headers = securityHeaders(isSecure);
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of headers) response.setHeader(name, value);
  });
}
