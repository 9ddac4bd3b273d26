import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { newTraceId } from '#core';

/** Node.js's words for what its HTTP parser refuses. */
const PARSER_REFUSALS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'Expected fewer or shorter headers, got more than the server takes.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'Expected the whole request in time, got only a part of it.' },
};
const MALFORMED = { status: 400, message: 'Expected a request in HTTP/1.1, got something else.' };

/** Answers requests that Fastify refuses before it looks for a route, such as malformed addresses. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.status(error.statusCode ?? 400).send({ error: true, message: `${error.message.replace(/\.$/, '')}.` });
}

/** Answers bytes that are no request at all; there is only the socket to answer on. */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, message } = PARSER_REFUSALS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ error: true, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Trace-Id: ${newTraceId()}`,
    'Connection: close',
  ];
  // Not left half open: nobody would ever end it.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
