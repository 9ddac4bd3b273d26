import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { InvalidInput } from '#core';
import type { Submission } from '#scheduling';
import { callerOf } from '../auth/caller.js';
import { bodyDigest } from './json-parser.js';

/** A string of a structured field: https://www.rfc-editor.org/rfc/rfc9651#section-3.3.3 */
const STRING = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** What many clients send in place of one. */
const BARE = /^[\w!#$%&'*+./:=^`|~-]+$/;
const LONGEST = 255;
/** Left out, as in the keys that are kept from before there were others; no user's name has a colon. */
const USER = /^user:/;

/**
 * Reads an Idempotency-Key header: a string in quotes, or bare; both are the same key. Undefined when there is none.
 * @throws InvalidInput for anything else, and for a key that is empty or above 255 characters. It does not repeat the key.
 */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = [header].flat().join(', ').trim();
  const quoted = STRING.exec(text)?.[1];
  const key = quoted?.replace(/\\(["\\])/g, '$1') ?? (BARE.test(text) ? text : undefined);
  if (key === undefined) throw malformed('something else');
  if (key.length === 0 || key.length > LONGEST) throw malformed(`${key.length}`);
  return key;
}

/**
 * What makes a request the same as another: its key within its project, caller, method and path, and its exact body. The
 * path is that of the route that was found: however an address is spelled, the same key makes no second call.
 */
export function submissionOf(request: FastifyRequest): Submission | undefined {
  const key = readIdempotencyKey(request.headers['idempotency-key']);
  if (key === undefined) return undefined;
  const { id, project } = callerOf(request);
  const scope = [project, id.replace(USER, ''), request.method, pathOf(request), key];
  return {
    project,
    key: createHash('sha256').update(JSON.stringify(scope)).digest('base64url'),
    fingerprint: bodyDigest(request),
  };
}

/** The route with its parameters in their places, which is the address as it is usually spelled. */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const given = params as Readonly<Record<string, string>>;
  return (routeOptions.url ?? '').replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
}

function malformed(got: string): InvalidInput {
  return new InvalidInput(
    'IDEMPOTENCY_KEY_MALFORMED',
    `Expected the header Idempotency-Key to be one string in quotes of 1 to ${LONGEST} characters, got ${got}.`,
  );
}
