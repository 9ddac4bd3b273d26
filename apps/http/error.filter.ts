import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError,
  Conflict,
  Forbidden,
  Gone,
  InvalidInput,
  messageOf,
  NotFound,
  NotInstalled,
  Unavailable,
  Unprocessable,
} from '#core';
import { noteOnRequest } from '#observability';
import { methodsFor } from './known-methods.js';

/** How soon a caller may try again after a 503, in seconds. */
const RETRY_AFTER_SECONDS = 2;

const UNFORESEEN = 'Something went wrong inside Callboard; the log tells more under this trace id.';

/** Told of errors that nobody foresaw. */
export type UnforeseenErrorListener = (error: unknown) => void;

/**
 * The one exit of errors over HTTP: each becomes `{"error": true, "message": "…"}` with the status of its consequence.
 * An error that nobody foresaw is logged and told without its text.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly onUnforeseen: UnforeseenErrorListener) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { status, message, allowed } = this.translate(error, request);
    if (error instanceof Unprocessable && error.logged !== undefined) noteOnRequest(request, { message: error.logged });
    if (allowed) void reply.header('Allow', allowed.join(', '));
    if (status === 503) void reply.header('Retry-After', String(RETRY_AFTER_SECONDS));
    void reply.status(status).send(refusalBody(error, message));
  }

  private translate(error: unknown, request: FastifyRequest): Refused {
    if (error instanceof AppError) return { status: statusOf(error), message: error.message };
    const status = refusedWith(error);
    const allowed = request.is404 ? methodsFor(request) : [];
    if (allowed.length > 0)
      return { status: 405, message: `Expected one of ${allowed.join(', ')}, got ${request.method}.`, allowed };
    if (status !== null)
      return { status, message: refusal(status, request) ?? `${messageOf(error).replace(/\.$/, '')}.` };
    this.onUnforeseen(error);
    return { status: 500, message: UNFORESEEN };
  }
}

interface Refused {
  readonly status: number;
  readonly message: string;
  /** What may be asked of this address instead. */
  readonly allowed?: readonly string[];
}

/** Refuses parts of a request in its answer, as the filter refuses whole ones. */
export class PartRefusals {
  constructor(private readonly onUnforeseen: UnforeseenErrorListener) {}

  body(error: unknown): RefusalBody {
    if (error instanceof AppError) return refusalBody(error, error.message);
    this.onUnforeseen(error);
    return refusalBody(error, UNFORESEEN);
  }
}

export interface RefusalBody {
  readonly error: true;
  readonly message: string;
  readonly faults?: Unprocessable['faults'];
}

function refusalBody(error: unknown, message: string): RefusalBody {
  return { error: true, message, ...(error instanceof Unprocessable && { faults: error.faults }) };
}

function statusOf(error: AppError): number {
  if (error instanceof InvalidInput) return 400;
  if (error instanceof Forbidden) return 403;
  if (error instanceof NotFound) return 404;
  if (error instanceof Conflict) return 409;
  if (error instanceof Gone) return 410;
  if (error instanceof NotInstalled) return 501;
  if (error instanceof Unprocessable) return 422;
  if (error instanceof Unavailable) return 503;
  return 500;
}

/** The status that the server itself, or Nest, refuses a request with before any route of ours sees it. */
function refusedWith(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
  return error.statusCode >= 400 && error.statusCode <= 499 ? error.statusCode : null;
}

function refusal(status: number, { headers, routeOptions }: FastifyRequest): string | null {
  switch (status) {
    case 404:
      return 'Expected an address of this API, got another.';
    case 413:
      return `Expected a body of at most ${routeOptions.bodyLimit} bytes, got ${headers['content-length'] ?? 'more'}.`;
    case 415:
      return `Expected a body of content type application/json, got ${headers['content-type'] === undefined ? 'none' : 'another'}.`;
    default:
      return null;
  }
}
