import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule } from '@nestjs/common';
import { InvalidInput, messageOf } from '#core';
import type { RequestListener } from 'node:http';
import type { Edge } from './edge.js';
import { rememberMethods } from './known-methods.js';
import { makeListener } from './listener.js';
import { limitHeads } from './request-heads.js';
import { answerFrameworkError, parserErrorHandler } from './server-refusals.js';

/** Longer than the longest address that Node.js takes. */
const LONGEST_PARAMETER = 64 * 1024;

/** An application that listens. */
export interface RunningApp {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Stops listening, ends what is under way and resolves when all is closed. Safe to call twice. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** The variable that sets the port, for the sentence that says it is taken. */
  readonly portVariable: string;
  /** The largest request body, in bytes. */
  readonly bodyLimit: number;
  /** How long requests under way may go on when it closes, in milliseconds. */
  readonly graceMs: number;
  readonly edge: Edge;
  /** Adds what belongs to the server itself (hooks, parsers) before the routes. */
  readonly prepare?: (app: NestFastifyApplication) => void | Promise<void>;
}

/**
 * Starts a Nest module on Fastify. Bodies are JSON or nothing, unless `prepare` says otherwise.
 * @throws InvalidInput in one sentence when the address cannot be listened on.
 */
export async function startHttpServer(module: DynamicModule, options: HttpServerOptions): Promise<RunningApp> {
  const { host, port, portVariable, edge } = options;
  const isSecure = edge.tls !== undefined;
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimit,
    // Whatever stands in a path is a trace id or none: for the routes to say.
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    forceCloseConnections: 'idle',
    // Requests under way when it closes are still answered by their routes.
    return503OnClosing: false,
    serverFactory: (handler: RequestListener) => makeListener(edge, handler),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: parserErrorHandler(isSecure),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    // What goes wrong is thrown, or comes to our own filter and log.
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  const server = adapter.getInstance();
  server.removeContentTypeParser('text/plain');
  limitHeads(server, edge);
  rememberMethods(server, LONGEST_PARAMETER);
  const endOfTls = edge.tls?.keepFresh(server.server);
  await options.prepare?.(app);
  try {
    await app.listen(port, host);
  } catch (error) {
    endOfTls?.();
    await app.close();
    throw listenFailure(error, host, port, portVariable);
  }
  let closing: Promise<void> | undefined;
  return {
    address: `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${portOf(app, port)}`,
    close: () => {
      endOfTls?.();
      return (closing ??= closeWithin(app, options.graceMs));
    },
  };
}

async function closeWithin(app: NestFastifyApplication, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => app.getHttpServer().closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(cutOff);
}

function portOf(app: NestFastifyApplication, port: number): number {
  const address = app.getHttpServer().address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function listenFailure(error: unknown, host: string, port: number, variable: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new InvalidInput(
      'PORT_TAKEN',
      `Expected port ${port} of ${host} to be free, but it is in use: set ${variable} to another.`,
    );
  }
  if (code === 'EACCES') {
    return new InvalidInput(
      'PORT_FORBIDDEN',
      `Expected to be allowed to listen on port ${port}: set ${variable} to one above 1023.`,
    );
  }
  return new InvalidInput(
    'LISTEN_FAILED',
    `Expected to listen on ${host}:${port} (HOST, ${variable}): ${messageOf(error)}.`,
  );
}
