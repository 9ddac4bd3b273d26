import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidInput, messageOf } from '#core';
import { checkJsonLimits } from './json-limits.js';
import type { JsonLimits } from './json-limits.js';
import { mayLoseDigits } from './raw-json.js';

/** The texts of bodies whose numbers a double may not hold, while the bodies are in use. */
const texts = new WeakMap<object, string>();

/** Of the bodies of requests with an idempotency key. */
const digests = new WeakMap<FastifyRequest, string>();

/**
 * Reads bodies as JSON in UTF-8 (RFC 8259), or refuses them in one sentence that tells the place and repeats nothing of
 * them. No body at all is fine whatever its content type says; whether one is needed is for the routes to say. Names
 * such as `__proto__` are names like others: nothing here or later merges objects by them.
 * @param limits checked before anything is made of a body
 * @param exactUrls the routes whose bodies' texts are kept where reading them may change a number (`exactText`).
 */
export function parseJsonBodies(server: FastifyInstance, limits: JsonLimits, exactUrls: readonly string[] = []): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      const text = textOf(body);
      checkJsonLimits(text, limits);
      const value = text === '' ? undefined : parse(text);
      const isExact = exactUrls.includes(request.routeOptions.url ?? '') && mayLoseDigits(text);
      if ('idempotency-key' in request.headers) digests.set(request, digestOf(body));
      if (isExact && typeof value === 'object' && value !== null) texts.set(value, text);
      done(null, value);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The text that a body was read from, if reading it may have changed a number. */
export function exactText(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null ? texts.get(body) : undefined;
}

/** SHA-256 of the exact bytes of a request's body, in hexadecimal; only of requests with an idempotency key. */
export function bodyDigest(request: FastifyRequest): string {
  return digests.get(request) ?? digestOf('');
}

function digestOf(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new InvalidInput('BODY_NOT_UTF8', 'Expected a body in JSON in UTF-8, got other bytes.');
  return body.toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInput('BODY_NOT_JSON', `Expected a body in JSON, got ${faultOf(text, messageOf(error))}.`);
  }
}

/** V8 tells the offset of some faults only, and quotes the text in others. */
function faultOf(text: string, message: string): string {
  if (/^(Unexpected end|Unterminated)/.test(message)) return 'text that ends too early';
  const offset = /position (\d+)/.exec(message)?.[1];
  if (offset === undefined) return 'other text';
  const before = text.slice(0, Number(offset)).split('\n');
  return `other text at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
