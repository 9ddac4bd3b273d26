import type { LookupAddress } from 'node:dns';
import { request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import type { SecureContext } from 'node:tls';

/** Through which proxy a service is reached. */
export interface Proxy {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** User name and password as a header's value, if it wants them. Secret. */
  readonly authorization?: string | undefined;
}

export interface ProxyChoice {
  /** Undefined: none. @param host without brackets. */
  proxyFor(secure: boolean, host: string, port: number, addresses: readonly LookupAddress[]): Proxy | undefined;
}

/** A proxy that cannot be reached, or opens no connection. */
export class ProxyFailed extends Error {
  constructor(reason: string, options?: { cause?: unknown }) {
    super(`no connection through the proxy: ${reason}`, options);
    this.name = 'ProxyFailed';
  }
}

/**
 * Has a proxy open a connection to an address, never to a name: the proxy might look it up as something else.
 * https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 * @throws ProxyFailed; the signal's reason when that aborts.
 */
export async function tunnel(
  proxy: Proxy,
  { address }: LookupAddress,
  port: number,
  signal: AbortSignal,
  secureContext?: SecureContext,
): Promise<Socket> {
  const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  const options = {
    ...{ method: 'CONNECT', host: proxy.hostname, port: proxy.port, path: authority, agent: false, signal },
    headers: {
      Host: authority,
      ...(proxy.authorization !== undefined && { 'Proxy-Authorization': proxy.authorization }),
    },
  } as const;
  const asked = proxy.secure
    ? requestSecure({ ...options, rejectUnauthorized: true, ...(secureContext && { secureContext }) })
    : requestPlain(options);
  return new Promise((resolve, reject) => {
    asked.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        // Whoever gets the connection listens for itself.
        resolve(socket.on('error', () => undefined));
        return;
      }
      socket.destroy();
      reject(new ProxyFailed(`it answered ${statusCode}`));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason as Error);
      else reject(new ProxyFailed(error.code ?? 'it does not answer as a proxy does', { cause: error }));
    });
    asked.end();
  });
}
