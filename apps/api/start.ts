import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Adapters } from '#adapters';
import type { Config } from '#config';
import type { CallerLimits, Tracer } from '#core';
import { ApiMetrics, clientAddressOf, registerRequestTracing } from '#observability';
import type { ClientAddress } from '#observability';
import { ClientGenerator, SdkInstallation } from '#openapi';
import { KnownProjects } from '#scheduling';
import { sdkPlaces } from '../sdk-places.js';
import { startHttpServer } from '../http/http-server.js';
import { addMetrics, METRICS_PATH } from '../http/metrics-route.js';
import { requireMetricsToken } from '../http/metrics-token.js';
import type { Edge } from '../http/edge.js';
import type { RunningApp } from '../http/http-server.js';
import { ApiModule } from './api.module.js';
import { allowOrigins, refuseOtherPages } from './http/cors.js';
import { HeaderView } from './http/header-view.js';
import { limitInFlight } from './http/in-flight.js';
import { streamBodies } from './http/byte-streams.js';
import { parseJsonBodies } from './http/json-parser.js';
import { Auditor } from './audit/auditor.js';
import { RefusalTally, tallyRefusals } from './audit/refusal-tally.js';
import { ApiKeys } from './auth/api-keys.js';
import { requireCredentials } from './auth/authenticate.js';
import { requireKnownProject } from './auth/known-project.js';
import { FailedLogins, networkOf, slowFailedLogins } from './auth/failed-logins.js';
import { requireScopes } from './auth/needs.js';
import { limitRequestRate } from './auth/request-rate.js';
import { readUsersFile } from './auth/users-file.js';
import { Users } from './auth/users.js';

/** Room for the other fields beside a document or a body, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

/** What needs no credentials. */
const OPEN_PATHS = ['/v1/api/ping', '/v1/api/health/live'];

/** What needs METRICS_TOKEN, or credentials, if there is one. */
const WATCHED_PATHS = ['/v1/api/health', METRICS_PATH];

/** What is asked for by machines, again and again. */
const UNTRACED_PATHS = [...OPEN_PATHS, ...WATCHED_PATHS];

/** Whose numbers belong to services, which may count further than a double. */
const CALLS = ['/v1/api/scheduler/process', '/v1/api/scheduler/process/batch'];

/** What is open for as long as a process lasts, and has a limit of its own. */
const FOLLOWED = ['/v1/api/scheduler/process/:trace_id/events'];

/** What takes bytes and no JSON. */
const UPLOADS = ['/v1/api/blobs'];

export interface ApiOptions {
  readonly config: Config;
  readonly adapters: Adapters;
  readonly edge: Edge;
  /** Adds the request log. */
  readonly log: (app: NestFastifyApplication) => void;
  readonly onUnforeseen: (error: unknown) => void;
  /** Unset: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** Starts the REST API on HOST and API_PORT. */
export async function startApi({ config, adapters, edge, log, onUnforeseen, tracer }: ApiOptions): Promise<RunningApp> {
  const generator = new ClientGenerator({
    heapMb: config.generatorHeapMb,
    timeoutMs: config.generatorTimeoutSeconds * 1_000,
  });
  const sdkInstallation = new SdkInstallation(sdkPlaces(config));
  const metrics = new ApiMetrics(adapters.processes, adapters.clock);
  const limits = {
    eventStreams: config.maxEventStreams,
    pending: { all: limitOf(config.maxPendingProcesses), ofProject: limitOf(config.maxPendingPerProject) },
  };
  const knownProjects = new KnownProjects(adapters.projects, adapters.clock);
  const users = usersOf(config);
  const apiKeys = new ApiKeys(adapters.apiKeys, adapters.keys, adapters.specs, adapters.clock);
  const common = { adapters, generator, sdkInstallation, metrics, knownProjects, limits, onUnforeseen, tracer };
  const clientAddress = clientAddressOf(config);
  const addressOf = ({ raw }: FastifyRequest) => clientAddress(raw.socket.remoteAddress, raw.headers);
  const auditing = { addressOf, onFault: onUnforeseen };
  const auditor = new Auditor(adapters.audit, adapters.specs, adapters.clock, auditing);
  const tally = new RefusalTally(adapters.audit, adapters.clock, auditing);
  const headerView = new HeaderView(config.headersInResponses);
  const module = ApiModule.register({ ...common, apiKeys, auditor, headerView });
  const app = await startHttpServer(module, {
    host: config.host,
    port: config.apiPort,
    portVariable: 'API_PORT',
    graceMs: config.shutdownSeconds * 1_000,
    edge,
    // Base64 makes four characters of three bytes.
    bodyLimit: Math.ceil(config.specMaxBytes / 3) * 4 + ENVELOPE_BYTES,
    prepare: (app) => {
      const server = app.getHttpAdapter().getInstance();
      log(app);
      if (tracer) registerRequestTracing(server, tracer, UNTRACED_PATHS);
      allowOrigins(server, config.corsOrigins);
      refuseOtherPages(server, config.corsOrigins);
      tallyRefusals(server, tally);
      slowFailedLogins(server, failedLogins(config, adapters.callerLimits, clientAddress));
      const open = [...OPEN_PATHS, ...WATCHED_PATHS];
      requireCredentials(server, { users, keys: apiKeys, networkOf: (request) => networkOf(addressOf(request)) }, open);
      requireKnownProject(server, knownProjects);
      requireMetricsToken(server, config.metricsToken, WATCHED_PATHS, users.isSeed);
      limitRate(server, config, adapters.callerLimits);
      requireScopes(server, open);
      limitInFlight(
        server,
        { requests: config.maxRequestsInFlight, bodyBytes: config.maxBodiesBytes },
        { exempt: [...OPEN_PATHS, ...WATCHED_PATHS], long: FOLLOWED, streamed: UPLOADS },
        { ownerOf: ({ principal }) => principal?.project ?? '' },
      );
      addMetrics(server, metrics);
      parseJsonBodies(server, { depth: config.jsonMaxDepth, fields: config.jsonMaxFields }, CALLS);
      streamBodies(server, UPLOADS);
      limitBodies(app, config.bodyMaxBytes + ENVELOPE_BYTES);
    },
  });
  tally.start();
  return {
    address: app.address,
    close: async () => {
      await app.close();
      await Promise.all([generator.close(), tally.close()]);
    },
  };
}

function failedLogins(config: Config, limits: CallerLimits, clientAddress: ClientAddress): FailedLogins {
  const { loginFailures: failures, loginWindowSeconds, forwardedFor } = config;
  const policy = { failures, windowMs: loginWindowSeconds * 1_000 };
  return new FailedLogins({ limits, policy, clientAddress, forwardedFor });
}

function limitRate(server: FastifyInstance, { apiRateLimit, apiRateBurst }: Config, limits: CallerLimits): void {
  if (apiRateLimit === 0) return;
  const rate = { perSecond: apiRateLimit, burst: apiRateBurst === 0 ? apiRateLimit : apiRateBurst };
  const ownerOf = ({ principal }: FastifyRequest) => principal?.id ?? '';
  limitRequestRate(server, { limits, rate, ownerOf, exempt: UNTRACED_PATHS });
}

/** @throws InvalidInput in one sentence when API_USERS_FILE cannot be used. */
function usersOf(config: Config): Users {
  const { apiSchedulerAuthUsername: username, apiSchedulerAuthPassword: password, apiUsersFile: file } = config;
  return new Users({ username, password }, file === undefined ? [] : readUsersFile(file));
}

/** 0 stands for none. */
function limitOf(most: number): number | null {
  return most === 0 ? null : most;
}

/** Only documents may be as large as documents are. */
function limitBodies(app: NestFastifyApplication, bytes: number): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (!route.url.startsWith('/v1/api/spec')) route.bodyLimit = bytes;
    });
}
