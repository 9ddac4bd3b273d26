import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule } from '@nestjs/common';
import { InvalidInput, messageOf } from '#core';
import { answerFrameworkError, answerOddRequests, answerParserError } from './server-refusals.js';

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
  /** Adds what belongs to the server itself (hooks, parsers) before the routes. */
  readonly prepare?: (app: NestFastifyApplication) => void | Promise<void>;
}

/**
 * Starts a Nest module on Fastify. Bodies are JSON or nothing, unless `prepare` says otherwise.
 * @throws InvalidInput in one sentence when the address cannot be listened on.
 */
export async function startHttpServer(module: DynamicModule, options: HttpServerOptions): Promise<RunningApp> {
  const { host, port, portVariable, bodyLimit } = options;
  const adapter = new FastifyAdapter({
    bodyLimit,
    // Whatever stands in a path is a trace id or none: for the routes to say.
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    forceCloseConnections: 'idle',
    // Requests under way when it closes are still answered by their routes.
    return503OnClosing: false,
    // Asked for by our own routes' rules, not by Node.js in a form of its own.
    http: { requireHostHeader: false },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerParserError,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    // What goes wrong is thrown, or comes to our own filter and log.
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  const server = adapter.getInstance();
  server.removeContentTypeParser('text/plain');
  answerOddRequests(server.server);
  await options.prepare?.(app);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw listenFailure(error, host, port, portVariable);
  }
  let closing: Promise<void> | undefined;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(app, port)}`,
    close: () => (closing ??= closeWithin(app, options.graceMs)),
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
