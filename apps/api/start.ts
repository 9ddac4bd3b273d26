import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Adapters } from '#adapters';
import type { Config } from '#config';
import { startHttpServer } from '../http/http-server.js';
import type { RunningApp } from '../http/http-server.js';
import { ApiModule } from './api.module.js';
import { parseJsonBodies } from './http/json-parser.js';
import { requireBasicAuth } from './auth/basic-auth.js';

/** Room for the other fields beside a document or a body, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

/** What needs no credentials. */
const OPEN_PATHS = ['/v1/api/ping'];

export interface ApiOptions {
  readonly config: Config;
  readonly adapters: Adapters;
  /** Adds the request log. */
  readonly log: (app: NestFastifyApplication) => void;
  readonly onUnforeseen: (error: unknown) => void;
}

/** Starts the REST API on HOST and API_PORT. */
export function startApi({ config, adapters, log, onUnforeseen }: ApiOptions): Promise<RunningApp> {
  const credentials = { username: config.apiSchedulerAuthUsername, password: config.apiSchedulerAuthPassword };
  return startHttpServer(ApiModule.register({ adapters, onUnforeseen }), {
    host: config.host,
    port: config.apiPort,
    portVariable: 'API_PORT',
    graceMs: config.shutdownSeconds * 1_000,
    // Base64 makes four characters of three bytes.
    bodyLimit: Math.ceil(config.specMaxBytes / 3) * 4 + ENVELOPE_BYTES,
    prepare: (app) => {
      log(app);
      requireBasicAuth(app.getHttpAdapter().getInstance(), credentials, OPEN_PATHS);
      parseJsonBodies(app.getHttpAdapter().getInstance());
      limitBodies(app, config.bodyMaxBytes + ENVELOPE_BYTES);
    },
  });
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
