import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '#core';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: set before anything of a request but its head is read, on all paths that need credentials. */
    principal?: Principal;
  }
}

/** Gives a route who asks, to be handed to the verb. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>());
});

/** @throws Error on a path that needs no credentials, which is a fault of ours. */
export function callerOf({ principal, url }: FastifyRequest): Principal {
  if (!principal) throw new Error(`Expected to know who asks for ${url}.`);
  return principal;
}
