import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError, Conflict, InvalidInput, NotFound, Unavailable } from '#core';

/** How soon a caller may try again after a 503, in seconds. */
const RETRY_AFTER_SECONDS = 2;

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
    const { status, message } = this.translate(error);
    if (status === 503) void reply.header('Retry-After', String(RETRY_AFTER_SECONDS));
    if (status === 401) void reply.header('WWW-Authenticate', 'Basic realm="Callboard", charset="UTF-8"');
    void reply.status(status).send({ error: true, message });
  }

  private translate(error: unknown): { status: number; message: string } {
    if (error instanceof AppError) return { status: statusOf(error), message: error.message };
    if (error instanceof HttpException) {
      const status = error.getStatus();
      return { status, message: REFUSALS[status] ?? error.message };
    }
    const refused = refusedByServer(error);
    if (refused) return refused;
    this.onUnforeseen(error);
    return { status: 500, message: 'Something went wrong inside Callboard; the log tells more under this trace id.' };
  }
}

function statusOf(error: AppError): number {
  if (error instanceof InvalidInput) return 400;
  if (error instanceof NotFound) return 404;
  if (error instanceof Conflict) return 409;
  if (error instanceof Unavailable) return 503;
  return 500;
}

/** What Fastify itself refuses before any route is reached. */
function refusedByServer(error: unknown): { status: number; message: string } | null {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
  const { statusCode: status } = error;
  if (status < 400 || status > 499) return null;
  return { status, message: REFUSALS[status] ?? `${error.message}.` };
}

const REFUSALS: Readonly<Record<number, string>> = {
  413: 'Expected a smaller body, got one above the limit of this installation.',
  415: 'Expected a body of content type application/json, got another.',
};
