import { BadGatewayException, GatewayTimeoutException } from '@nestjs/common';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent } from 'undici';
import { Unavailable } from '#core';
import { noteOnRequest } from '#observability';
import { passedHeaders } from './passed-headers.js';

const API_PATH = '/v1/api';
const CONNECT_TIMEOUT_MS = 5_000;

/** Errors of undici and the system that say: the API was never reached, so nothing has been done. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Passes everything below `/v1/api` on to the API and its answers back, both as streams.
 * @param apiUrl the API's address, without `/v1/api`
 */
export function addApiPassage(server: FastifyInstance, apiUrl: string): void {
  // Not awaited: it has to load after Nest has set the handler of errors, which a plugin takes over when it loads.
  void server.register(httpProxy, {
    upstream: apiUrl,
    prefix: API_PATH,
    rewritePrefix: new URL(apiUrl).pathname.replace(/\/$/, '') + API_PATH,
    // An agent of our own: the plugin's would not check certificates.
    undici: new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } }),
    destroyAgent: true,
    disableRequestLogging: true,
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => ({
        ...passedHeaders(headers, request.method),
        'x-real-ip': request.ip,
      }),
      rewriteHeaders: (headers, request) => {
        // Under its own trace id here, the answer carries that of the API: the log has to lead from one to the other.
        if (request) noteOnRequest(request as FastifyRequest, { otherData: { api_trace_id: headers['x-trace-id'] } });
        return passedHeaders(headers);
      },
      // The caller decides about trying again; the plugin's habit is to ask ten times on a 503.
      retryDelay: () => null,
      onError: (reply, { error }) =>
        void (reply as FastifyReply).send(failure(error, reply.request.body !== undefined)),
    },
  });
}

/** The error that tells the caller whether the call may have been carried out. */
function failure(error: Error, hadBody: boolean): Error {
  const cause = error.cause ?? error;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (UNREACHED.has(code)) {
    return new Unavailable('API_UNREACHED', `The API cannot be reached (${code}); try again later.`, { cause });
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return new GatewayTimeoutException('The API took the call, but did not answer in time.', { cause });
  }
  const reason = hadBody ? ', as it does when a body is too large' : '';
  return new BadGatewayException(`The API broke the connection off before it answered${reason}.`, { cause });
}
