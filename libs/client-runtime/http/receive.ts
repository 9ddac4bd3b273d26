import { Readable, Transform, pipeline } from 'node:stream';
import { INLINE_LIMIT_BYTES, inlinePayload } from '#core';
import type { Payload, Response } from '#core';
import type { Header } from '../serialise/headers.js';
import { CallFailed } from './call-failed.js';
import { codingsOf, decodeWhole, decoder } from './decompress.js';
import type { Answer, Exchange } from './exchange.js';
import { tooLarge } from './exchange.js';

/** How much of an answer's body is taken. */
export interface BodyLimits {
  /** Decoded, in bytes. */
  readonly maxBytes: number;
  /** How many times as long as it comes a body may be when it is decoded; of no matter up to 16 MiB. */
  readonly maxRatio: number;
}

/** What is so small may grow as it likes: nobody is harmed by it. */
const RATIO_FROM_BYTES = 16 * 1024 * 1024;

/**
 * Where a body above 64 KiB goes: reads the stream to its end, or destroys it, and says where the bytes are.
 * `answer` is what came before the body.
 */
export type KeepLarge = (stream: Readable, answer: Omit<Response, 'body'>) => Promise<Payload>;

const GONE_WHEN_DECODED = new Set(['content-encoding', 'content-length']);

/**
 * Takes an answer's body in, decoded: inline up to 64 KiB, above that through `keepLarge` as it comes.
 * @throws CallFailed when the body does not come whole, is longer than it may be, grows more than it may, or cannot be
 *   decoded; what `keepLarge` throws.
 */
export async function receive(
  exchange: Exchange,
  { status, headers, body }: Answer,
  limits: BodyLimits,
  keepLarge: KeepLarge,
): Promise<Response> {
  const whole = Buffer.isBuffer(body);
  const codings = whole && body.length === 0 ? [] : codingsIn(headers);
  if (codings.length === 0) {
    if (whole) return { status, headers, body: inlinePayload(body) };
    return { status, headers, body: await keep(exchange, () => keepLarge(body, { status, headers }), body) };
  }
  const decodedHeaders = headers.filter(([name]) => !GONE_WHEN_DECODED.has(name.toLowerCase()));
  if (whole) {
    const decoded = decodeSmall(exchange, codings, body, Math.min(INLINE_LIMIT_BYTES, limits.maxBytes));
    if (decoded) return { status, headers: decodedHeaders, body: inlinePayload(decoded) };
  }
  const stream = decode(exchange, codings, whole ? Readable.from([body]) : body, whole ? body : body.start, limits);
  const kept = await keep(exchange, () => keepLarge(stream, { status, headers: decodedHeaders }), stream);
  return { status, headers: decodedHeaders, body: kept };
}

/** Keeps a long body in memory, for want of a better place. */
export async function keepInMemory(stream: Readable): Promise<Payload> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return inlinePayload(Buffer.concat(chunks));
}

async function keep(exchange: Exchange, read: () => Promise<Payload>, stream: Readable): Promise<Payload> {
  try {
    const payload = await read();
    if (exchange.failure && !stream.readableEnded) throw exchange.failure;
    return payload;
  } catch (error) {
    // The place where the bytes went may have put the true cause in words of its own.
    throw exchange.failure ?? error;
  } finally {
    stream.destroy();
  }
}

function codingsIn(headers: readonly Header[]): string[] {
  const values = headers.filter(([name]) => name.toLowerCase() === 'content-encoding').map(([, value]) => value);
  return values.length === 0 ? [] : (codingsOf(values.join(',')) ?? []);
}

function decodeSmall(exchange: Exchange, codings: readonly string[], body: Buffer, limit: number): Buffer | undefined {
  try {
    return decodeWhole(codings, body, limit);
  } catch (error) {
    throw undecodable(exchange, error);
  }
}

function decode(
  exchange: Exchange,
  codings: readonly string[],
  body: Readable,
  start: Buffer,
  { maxBytes, maxRatio }: BodyLimits,
): Readable {
  let size = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) exchange.cancel(tooLarge(exchange.target, maxBytes));
      else if (size > RATIO_FROM_BYTES && size > exchange.received * maxRatio)
        exchange.cancel(growsTooMuch(exchange, maxRatio));
      done(exchange.failure, chunk);
    },
  });
  const decoders = codings.map((coding, index) => decoder(coding, index === 0 ? start : undefined));
  for (const stage of decoders) stage.on('error', (error) => exchange.cancel(undecodable(exchange, error)));
  return pipeline([body, ...decoders, limit], () => undefined) as unknown as Transform;
}

function growsTooMuch({ target }: Exchange, maxRatio: number): CallFailed {
  const words = `${target}: decoded, the answer is more than ${maxRatio} times as long as it came`;
  return new CallFailed('CALL_TOO_LARGE', words, true);
}

function undecodable(exchange: Exchange, cause: unknown): CallFailed {
  return new CallFailed('CALL_UNDECODABLE', `${exchange.target}: the answer's content coding is broken`, true, {
    cause,
  });
}
