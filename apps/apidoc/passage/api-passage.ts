import { BadGatewayException, GatewayTimeoutException } from '@nestjs/common';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, buildConnector } from 'undici';
import { Unavailable } from '#core';
import { noteOnRequest } from '#observability';
import type { ClientAddress } from '#observability';
import { isCertificate } from '../../http/tls-files.js';
import type { TlsFiles, TlsPair } from '../../http/tls-files.js';
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

export interface Passage {
  /** The API's address, without `/v1/api`. */
  readonly apiUrl: string;
  /** Set where the API shows this certificate: then it is the only one that is taken, and its names do not matter. */
  readonly apiTls: TlsFiles | undefined;
  readonly callerAddress: ClientAddress;
}

/** Passes everything below `/v1/api` on to the API and its answers back, both as streams. */
export function addApiPassage(server: FastifyInstance, { apiUrl, apiTls, callerAddress }: Passage): void {
  // Not awaited: it has to load after Nest has set the handler of errors, which a plugin takes over when it loads.
  void server.register(httpProxy, {
    upstream: apiUrl,
    prefix: API_PATH,
    rewritePrefix: new URL(apiUrl).pathname.replace(/\/$/, '') + API_PATH,
    // An agent of our own: the plugin's would not check certificates.
    undici: new Agent({ connect: apiTls ? pinned(apiTls) : { timeout: CONNECT_TIMEOUT_MS } }),
    destroyAgent: true,
    disableRequestLogging: true,
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => {
        const caller = callerAddress(request.socket.remoteAddress, request.headers);
        return { ...passedHeaders(headers, request.method), 'x-real-ip': caller, 'x-forwarded-for': caller };
      },
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

/** Connects to a server that shows exactly this certificate, as it was read last. */
function pinned(tls: TlsFiles): buildConnector.connector {
  let pair = tls.current();
  let connect = connectorFor(pair);
  return (options, callback) => {
    if (pair !== tls.current()) {
      pair = tls.current();
      connect = connectorFor(pair);
    }
    connect(options, callback);
  };
}

function connectorFor(pair: TlsPair): buildConnector.connector {
  return buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    ca: pair.cert,
    // It need not be that of an authority: it is ours.
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, { raw }) =>
      isCertificate(pair, raw) ? undefined : new Error('The API shows another certificate than TLS_CERT_FILE holds.'),
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
