import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as an upstream got it. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they came over the wire. */
  readonly url: string;
  /** As they came, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Answers one request; `received` holds it whole. */
export type Route = (received: ReceivedRequest, response: ServerResponse, request: IncomingMessage) => void;

/** A service to call: a real HTTP server on the loopback interface that remembers what it got. */
export interface Upstream {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** All requests so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** How many connections have been opened so far. */
  readonly connections: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a sample service.
 * @param routes by path, without the query; `*` for all others. Where none fits, the request comes back as JSON:
 *   `{method, url, headers, body}`, the body as text.
 */
export async function startUpstream(routes: Readonly<Record<string, Route>> = {}): Promise<Upstream> {
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = receivedOf(request, Buffer.concat(chunks));
      requests.push(received);
      const path = received.url.split('?')[0] ?? '';
      (routes[path] ?? routes['*'] ?? echo)(received, response, request);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    close: () => closed(server),
  };
}

function echo(received: ReceivedRequest, response: ServerResponse): void {
  const { method, url, headers, body } = received;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, headers: Object.fromEntries(headers), body: body.toString('utf8') }));
}

function receivedOf(request: IncomingMessage, body: Buffer): ReceivedRequest {
  const headers: [string, string][] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '']);
  }
  return { method: request.method ?? '', url: request.url ?? '', headers, body };
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
