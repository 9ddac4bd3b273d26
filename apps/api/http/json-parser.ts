import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { InvalidInput, messageOf } from '#core';

/**
 * Reads bodies as JSON in UTF-8 (RFC 8259), or refuses them in one sentence that tells the place and repeats nothing of
 * them. No body at all is fine whatever its content type says; whether one is needed is for the routes to say. Names
 * such as `__proto__` are names like others: nothing here or later merges objects by them.
 */
export function parseJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, parse(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw new InvalidInput('BODY_NOT_UTF8', 'Expected a body in JSON in UTF-8, got other bytes.');
  const text = body.toString();
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
