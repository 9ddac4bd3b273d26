import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The exchange that a connection was last used for. */
const exchanges = new WeakMap<Socket, { readonly request: IncomingMessage; readonly response: ServerResponse }>();

/**
 * Cuts off callers that have stopped: those that send nothing of a body they began, those that take nothing of an
 * answer, and connections that are not used. A caller that waits for us is left alone, however long we take.
 * https://nodejs.org/docs/latest-v20.x/api/http.html#event-timeout
 */
export function cutOffStalled(server: Server, stallTimeoutMs: number): void {
  server.setTimeout(stallTimeoutMs);
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    exchanges.set(request.socket, { request, response });
  });
  server.on('timeout', (socket: Socket) => {
    if (!waitsForUs(socket)) socket.destroy();
  });
}

/** The answer to what is being read on a connection, or that is still being written there; undefined before it begins. */
export function answerUnderWay(socket: Socket): ServerResponse | undefined {
  const { request, response } = exchanges.get(socket) ?? {};
  const isOver = request?.complete === true && response?.writableFinished === true;
  return response?.headersSent === true && !isOver ? response : undefined;
}

function waitsForUs(socket: Socket): boolean {
  const exchange = exchanges.get(socket);
  // Before the first request the time-out of heads holds.
  if (!exchange) return true;
  if (exchange.response.writableFinished) return false;
  return exchange.request.complete && socket.writableLength === 0 && exchange.response.writableLength === 0;
}
