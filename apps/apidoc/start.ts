import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppMetrics } from '#observability';
import type { ClientAddress } from '#observability';
import { addMetrics, METRICS_PATH } from '../http/metrics-route.js';
import { requireMetricsToken } from '../http/metrics-token.js';
import { startHttpServer } from '../http/http-server.js';
import type { Edge } from '../http/edge.js';
import type { RunningApp } from '../http/http-server.js';
import type { TlsFiles } from '../http/tls-files.js';
import { ApidocModule } from './apidoc.module.js';
import { addApiPassage } from './passage/api-passage.js';
import { addSwaggerPage } from './swagger/swagger-page.js';

/** Bodies of calls to the API are passed on as streams, and the API limits them; nothing else here has a body. */
const BODY_LIMIT_BYTES = 1024;

export interface ApidocOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where calls that are tried out from the page go: the API's address, without `/v1/api`. */
  readonly apiUrl: string;
  /** Set where the API of `apiUrl` shows this installation's own certificate, whatever name that is made out to. */
  readonly apiTls?: TlsFiles | undefined;
  /** Tells the API who called. */
  readonly callerAddress: ClientAddress;
  /** How long requests under way may go on when it closes, in milliseconds. */
  readonly graceMs: number;
  readonly edge: Edge;
  /** What metrics ask for; undefined: nothing. */
  readonly metricsToken?: string | undefined;
  /** Adds the request log. */
  readonly log: (app: NestFastifyApplication) => void;
  readonly onUnforeseen: (error: unknown) => void;
}

/**
 * Starts the API documentation: Swagger UI at `/v1/apidoc/swagger`, and everything below `/v1/api` passed on to the
 * API, so that the page calls its own origin only.
 * @throws InvalidInput in one sentence when the address cannot be listened on.
 */
export function startApidoc(options: ApidocOptions): Promise<RunningApp> {
  const { host, port, apiUrl, apiTls, callerAddress, graceMs, edge, metricsToken, log, onUnforeseen } = options;
  return startHttpServer(ApidocModule.register(onUnforeseen), {
    host,
    port,
    portVariable: 'APIDOC_PORT',
    graceMs,
    edge,
    bodyLimit: BODY_LIMIT_BYTES,
    prepare: (app) => {
      log(app);
      const server = app.getHttpAdapter().getInstance();
      requireMetricsToken(server, metricsToken, [METRICS_PATH]);
      addMetrics(server, new AppMetrics());
      addSwaggerPage(server);
      addApiPassage(server, { apiUrl, apiTls, callerAddress });
    },
  });
}
