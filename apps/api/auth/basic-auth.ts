import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { SCOPES } from '#core';
import { askedProject, unknownProject } from './asked-project.js';
import './caller.js';

/** The user name and password that the service expects. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Asks for HTTP Basic authentication (RFC 7617, UTF-8), compared in constant time, before anything of a request but its
 * head is read: a stranger's body costs nothing. Addresses that do not exist ask for it as well. From then on the request
 * has a `principal`.
 * @param openPaths paths that need no credentials
 */
export function requireBasicAuth(
  server: FastifyInstance,
  credentials: BasicCredentials,
  openPaths: readonly string[],
): void {
  const expected = expectedOf(credentials);
  const id = `user:${credentials.username}`;
  const scopes = new Set(SCOPES);
  server.addHook('onRequest', (request, reply, done) => {
    if (openPaths.includes(pathOf(request.url))) {
      done();
      return;
    }
    const fault = faultOf(request.headers.authorization, expected);
    if (fault !== null) {
      void reply
        .status(401)
        .header('WWW-Authenticate', 'Basic realm="Callboard", charset="UTF-8"')
        .send({ error: true, message: fault });
      return;
    }
    const project = askedProject(request);
    if (project === null) {
      void reply.status(404).send({ error: true, message: unknownProject() });
      return;
    }
    request.principal = { id, project, scopes, everyProject: true };
    done();
  });
}

/** Whether an Authorization header holds these credentials. */
export function isAuthorised(authorization: string | undefined, { username, password }: BasicCredentials): boolean {
  return faultOf(authorization, expectedOf({ username, password })) === null;
}

interface Expected {
  /** The header as nearly every client writes it, so that most need no hash. */
  readonly header: Buffer;
  readonly digest: Buffer;
}

function expectedOf({ username, password }: BasicCredentials): Expected {
  const pair = `${username}:${password}`;
  return { header: Buffer.from(`Basic ${Buffer.from(pair).toString('base64')}`), digest: digest(pair) };
}

function faultOf(authorization: string | undefined, expected: Expected): string | null {
  if (isUsual(authorization, expected.header)) return null;
  const given = userAndPassword(authorization);
  if (given === undefined) return 'Expected a user name and password (HTTP Basic), got none.';
  // Equal lengths for both sides, so that neither the comparison nor the length tells anything.
  if (timingSafeEqual(digest(given), expected.digest)) return null;
  return 'Expected the user name and password of this installation, got others.';
}

/** Tells by its time the length of the header at most. */
function isUsual(authorization: string | undefined, header: Buffer): boolean {
  if (authorization?.length !== header.length) return false;
  const given = Buffer.from(authorization, 'latin1');
  return timingSafeEqual(given, header);
}

function userAndPassword(authorization: string | undefined): string | undefined {
  const token = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
  return token === undefined ? undefined : Buffer.from(token, 'base64').toString();
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
