import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Edge } from './edge.js';
import { addSecurityHeaders } from './security-headers.js';
import { answerOddRequests } from './server-refusals.js';
import { cutOffStalled } from './stalled-connections.js';

/** How often connections are looked at that take long, at most, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/** A server of Node.js within the bounds of an edge, before it listens. */
export function makeListener(edge: Edge, handler: RequestListener): Server {
  const { tls, headersTimeoutMs, requestTimeoutMs } = edge;
  const firstMs = Math.min(headersTimeoutMs, requestTimeoutMs);
  const options = {
    maxHeaderSize: edge.headersMaxBytes,
    headersTimeout: firstMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: edge.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, Math.ceil(firstMs / 2)),
    // Asked for by our own rules, not by Node.js in a form of its own.
    requireHostHeader: false,
  };
  const server = tls
    ? createSecureServer({ ...options, ...tls.current(), handshakeTimeout: headersTimeoutMs }, handler)
    : createServer(options, handler);
  server.maxConnections = edge.maxConnections;
  // Counted by us: Node.js would drop what is beyond without a word.
  server.maxHeadersCount = 0;
  addSecurityHeaders(server, tls !== undefined);
  answerOddRequests(server, tls !== undefined);
  cutOffStalled(server, edge.stallTimeoutMs);
  return server;
}
