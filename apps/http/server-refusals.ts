import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { newTraceId } from '#core';
import { securityHeaders } from './security-headers.js';
import { answerUnderWay } from './stalled-connections.js';

/** Node.js's words for what its HTTP parser refuses. */
const PARSER_REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'Expected fewer or shorter headers, got more than the server takes.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'Expected the whole request in time, got only a part of it.' },
};
const JSON_TYPE = 'application/json; charset=utf-8';
const TOO_LONG = { status: 414, message: 'Expected a shorter address, got a longer one than the server takes.' };
const MALFORMED = { status: 400, message: 'Expected a request in HTTP/1.1, got something else.' };

/** Answers requests that Fastify refuses before it looks for a route: malformed addresses, which its own words repeat. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const message = 'Expected an address that can be decoded, of parts that are not too long, got another.';
  void reply.status(error.statusCode ?? 400).send({ error: true, message });
}

/** Answers what Node.js would refuse in a form of its own: expectations that nobody can meet, and tunnels. */
export function answerOddRequests(server: Server, isSecure: boolean): void {
  server.on('checkExpectation', (_request, response) => {
    const body = JSON.stringify({ error: true, message: 'Expected no expectation but 100-continue, got another.' });
    const length = Buffer.byteLength(body);
    for (const [name, value] of securityHeaders(isSecure)) response.setHeader(name, value);
    response.writeHead(417, { 'content-type': JSON_TYPE, 'content-length': length, 'x-trace-id': newTraceId() });
    response.end(body);
  });
  server.on('connect', (_request, socket) => {
    answerOn(socket as Socket, { status: 405, message: 'Expected a method other than CONNECT.' }, isSecure);
  });
}

/** Answers bytes that are no request at all; there is only the socket to answer on. */
export function parserErrorHandler(isSecure: boolean) {
  return (error: Omit<ConnectionError, 'rawPacket'> & { readonly rawPacket?: unknown }, socket: Socket): void => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    // Bytes behind a request that was to be the last: the end of its answer ends the connection.
    if (error.code === 'HPE_CLOSED_CONNECTION') return;
    // Whatever is written into an answer under way would be read as a part of it, and behind it as one to another request.
    const answer = answerUnderWay(socket);
    if (answer) {
      if (answer.writableFinished) socket.end(() => socket.destroy());
      else socket.destroy();
      return;
    }
    const refusal = PARSER_REFUSALS[error.code] ?? MALFORMED;
    answerOn(socket, refusal.status === 431 && isAddress(error.rawPacket) ? TOO_LONG : refusal, isSecure);
  };
}

/** Whether it is the first line of a request that has no end. */
function isAddress(packet: unknown): boolean {
  return Buffer.isBuffer(packet) && /^[A-Z]+ \/[^\s]*$/.test(packet.toString('latin1'));
}

function answerOn(
  socket: Socket,
  { status, message }: { readonly status: number; readonly message: string },
  isSecure: boolean,
): void {
  const body = JSON.stringify({ error: true, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Trace-Id: ${newTraceId()}`,
    ...securityHeaders(isSecure).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  // Not left half open: nobody would ever end it.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
