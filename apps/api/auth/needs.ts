import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Scope } from '#core';
import { ScopeNeeded } from '../http/documented.js';
import './caller.js';

/** What a route asks of whoever calls it. */
interface Need {
  readonly scope: Scope;
  /** Whether keys for some Specs may call it: what it does sees to it that they reach no other. */
  readonly someSpecs: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    need?: Need;
  }
}

/** Says which scope a route needs; each route has to, or the API does not start. */
export function Needs(scope: Scope, { someSpecs = false }: Partial<Omit<Need, 'scope'>> = {}): MethodDecorator {
  return applyDecorators(RouteConfig({ need: { scope, someSpecs } }), ScopeNeeded(scope));
}

/** What `@Needs` is given where the verb that a route calls looks at the Specs of its caller. */
export const SOME_SPECS = { someSpecs: true } as const;

/**
 * Refuses whoever lacks the scope of a route, before the body is read. Register it behind authentication and before the
 * routes.
 * @param openPaths those of routes that need no credentials
 * @throws Error when a route is added that does not say its scope.
 */
export function requireScopes(server: FastifyInstance, openPaths: readonly string[]): void {
  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.need || openPaths.includes(url)) return;
    throw new Error(`Expected the route ${String(method)} ${url} to say which scope it needs, by @Needs.`);
  });
  server.addHook('onRequest', (request, reply, done) => {
    const { need } = request.routeOptions.config;
    const { principal } = request;
    if (!need || !principal) {
      done();
      return;
    }
    const message = !principal.scopes.has(need.scope)
      ? `Expected a credential with the scope ${need.scope}, got one without it.`
      : principal.specs && !need.someSpecs
        ? 'Expected a credential for all specs of the project, got an API key for some of them.'
        : null;
    if (message === null) done();
    else void reply.status(403).send({ error: true, message });
  });
}
