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
  /** What the audit log calls it; null: it is not kept there. A route that reads needs not say. */
  readonly audits: string | null | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    need?: Need;
  }
}

/** Says which scope a route needs, and what it is on record as; each route has to, or the API does not start. */
export function Needs(scope: Scope, { someSpecs = false, audits }: Partial<Omit<Need, 'scope'>> = {}): MethodDecorator {
  return applyDecorators(RouteConfig({ need: { scope, someSpecs, audits } }), ScopeNeeded(scope, audits ?? undefined));
}

/** What `@Needs` is given where the verb that a route calls looks at the Specs of its caller. */
export const SOME_SPECS = { someSpecs: true } as const;

const READING = new Set(['GET', 'HEAD']);

/**
 * Refuses whoever lacks the scope of a route, before the body is read. Register it behind authentication and before the
 * routes.
 * @param openPaths those of routes that need no credentials
 * @throws Error when a route is added that does not say its scope, or one that changes something and not its name.
 */
export function requireScopes(server: FastifyInstance, openPaths: readonly string[]): void {
  server.addHook('onRoute', ({ method, url, config }) => {
    const { need } = config ?? {};
    const isReading = [method].flat().every((each) => READING.has(each.toUpperCase()));
    if (openPaths.includes(url) || (need && (isReading || need.audits !== undefined))) return;
    const sentence = need ? 'what the audit log calls it' : 'which scope it needs';
    throw new Error(`Expected the route ${String(method)} ${url} to say ${sentence}, by @Needs.`);
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
