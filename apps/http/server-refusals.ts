import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { newTraceId } from '#core';

/** Node.js's words for what its HTTP parser refuses. */
const PARSER_REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'Expected fewer or shorter headers, got more than the server takes.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'Expected the whole request in time, got only a part of it.' },
};
const JSON_TYPE = 'application/json; charset=utf-8';
const MALFORMED = { status: 400, message: 'Expected a request in HTTP/1.1, got something else.' };

/** Answers requests that Fastify refuses before it looks for a route, such as malformed addresses. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.status(error.statusCode ?? 400).send({ error: true, message: `${error.message.replace(/\.$/, '')}.` });
}

/** Answers what Node.js would refuse in a form of its own: expectations that nobody can meet, and tunnels. */
export function answerOddRequests(server: Server): void {
  server.on('checkExpectation', (_request, response) => {
    const body = JSON.stringify({ error: true, message: 'Expected no expectation but 100-continue, got another.' });
    response.writeHead(417, { 'content-type': JSON_TYPE, 'x-trace-id': newTraceId() }).end(body);
  });
  server.on('connect', (_request, socket) => {
    answerOn(socket as Socket, 405, 'Expected a method other than CONNECT.');
  });
}

/** Answers bytes that are no request at all; there is only the socket to answer on. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, message } = PARSER_REFUSALS[error.code ?? ''] ?? MALFORMED;
  answerOn(socket, status, message);
}

function answerOn(socket: Socket, status: number, message: string): void {
  const body = JSON.stringify({ error: true, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Trace-Id: ${newTraceId()}`,
    'Connection: close',
  ];
  // Not left half open: nobody would ever end it.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
