import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiKey, Principal } from '#core';
import type { ApiKeys } from './api-keys.js';
import { askedProject, isProjectAsked, unknownProject } from './asked-project.js';
import './caller.js';
import type { User, Users } from './users.js';

const BASIC = 'Basic realm="Callboard", charset="UTF-8"';
/** https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const BEARER = 'Bearer realm="Callboard", error="invalid_token"';
const TOKEN = /^bearer +([\x21-\x7e]+) *$/i;

export interface Credentials {
  readonly users: Users;
  readonly keys: Pick<ApiKeys, 'check'>;
  /** Tells which guesser a request comes from. */
  readonly networkOf: (request: FastifyRequest) => string;
}

/**
 * Asks for HTTP Basic authentication (RFC 7617) or an API key as a bearer token (RFC 6750) before anything of a request
 * but its head is read: a stranger's body costs nothing. Addresses that do not exist ask for it as well. From then on the
 * request has a `principal`.
 * @param openRoutes those that need no credentials, by the route that was found: an address can be spelled in many ways
 */
export function requireCredentials(
  server: FastifyInstance,
  credentials: Credentials,
  openRoutes: readonly string[],
): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (openRoutes.includes(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    const admit = (principal: Principal | Refusal) => {
      if ('refused' in principal) {
        refuse(reply, principal);
        return;
      }
      request.principal = principal;
      done();
    };
    try {
      const principal = prove(request, credentials);
      // Most are known, and must not wait for a turn of the event loop.
      if (principal instanceof Promise) principal.then(admit).catch(done);
      else admit(principal);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The token of a request that brings one, right or wrong. */
export function bearerToken({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return TOKEN.exec(headers.authorization ?? '')?.[1];
}

interface Refusal {
  readonly refused: 401 | 403 | 404;
  readonly message: string;
  readonly challenge?: string;
}

function prove(
  request: FastifyRequest,
  { users, keys, networkOf }: Credentials,
): Principal | Refusal | Promise<Principal | Refusal> {
  const { authorization } = request.headers;
  const token = bearerToken(request);
  if (token !== undefined) {
    const key = keys.check(token);
    return key instanceof Promise ? key.then((found) => ofKey(found, request)) : ofKey(key, request);
  }
  const user = users.check(authorization, networkOf(request));
  return user instanceof Promise ? user.then((found) => ofUser(found, request)) : ofUser(user, request);
}

function ofUser(user: User | null, request: FastifyRequest): Principal | Refusal {
  if (!user) {
    const message = /^basic /i.test(request.headers.authorization ?? '')
      ? 'Expected the user name and password of this installation, got others.'
      : 'Expected a user name and password (HTTP Basic), got none.';
    return { refused: 401, message, challenge: BASIC };
  }
  const { name, scopes, projects } = user;
  const project = askedProject(request);
  // Which projects there are beside its own is nobody's business.
  if (project === null || projects?.has(project) === false) return { refused: 404, message: unknownProject() };
  return { id: `user:${name}`, project, scopes, everyProject: projects === null };
}

function ofKey(key: ApiKey | null, request: FastifyRequest): Principal | Refusal {
  if (!key) {
    const message = 'Expected an API key of this installation that is neither revoked nor expired, got another token.';
    return { refused: 401, message, challenge: BEARER };
  }
  const { traceId, project, scopes, specs, expiresAt } = key;
  if (isProjectAsked(request) && askedProject(request) !== project) {
    const message = 'Expected the header X-Project to be left out or to name the project of the API key, got another.';
    return { refused: 403, message };
  }
  const end = expiresAt === null ? {} : { expiresAt };
  const principal = { id: `key:${traceId}`, project, scopes: new Set(scopes), ...end };
  return specs ? { ...principal, specs: new Set(specs) } : principal;
}

function refuse(reply: FastifyReply, { refused, message, challenge }: Refusal): void {
  if (challenge !== undefined) void reply.header('WWW-Authenticate', challenge);
  void reply.status(refused).send({ error: true, message });
}
