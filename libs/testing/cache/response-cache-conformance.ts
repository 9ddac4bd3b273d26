import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response, ResponseCache } from '#core';
import { inlinePayload } from '#core';

/** A cache under test, on keys that nobody else uses. */
export interface CacheHarness {
  readonly cache: ResponseCache;
  /** Lets time pass for the cache. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** An answer with this body. */
export function anAnswer(body: Buffer | string = 'hello'): Response {
  return { status: 200, headers: [['content-type', 'text/plain']], body: inlinePayload(body) };
}

/** The contract of ResponseCache, for every implementation. */
export function runResponseCacheConformance(name: string, make: () => Promise<CacheHarness>): void {
  describe(`${name} as a ResponseCache`, () => {
    let harness: CacheHarness;
    let cache: ResponseCache;
    beforeEach(async () => {
      harness = await make();
      ({ cache } = harness);
    });
    afterEach(async () => {
      await harness.close();
    });

    it('has nothing under a key that was never set', async () => {
      expect(await cache.get('nothing')).toBeNull();
    });

    it('gives back what was set', async () => {
      await cache.set('a', anAnswer('one'), 60);
      await cache.set('b', anAnswer('two'), 60);
      expect(await cache.get('a')).toEqual(anAnswer('one'));
      expect(await cache.get('b')).toEqual(anAnswer('two'));
      expect(await cache.get('a')).toEqual(anAnswer('one'));
    });

    it.each([
      ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, n) => n))],
      ['no bytes', Buffer.alloc(0)],
      ['64 KiB', Buffer.alloc(64 * 1024, 'xyz')],
      ['what looks like another encoding', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x0a, 0x0d])],
    ])('keeps a body of %s', async (_, body) => {
      await cache.set('a', anAnswer(body), 60);
      const answer = await cache.get('a');
      expect(answer?.body.bytes).toBe(body.length);
      expect(answer && 'inline' in answer.body && answer.body.inline.equals(body)).toBe(true);
    });

    it('keeps the name and length of a body that lies in a blob', async () => {
      const answer: Response = { status: 200, headers: [], body: { blob: 'responses/abc', bytes: 5_000_000_000 } };
      await cache.set('a', answer, 60);
      expect(await cache.get('a')).toEqual(answer);
    });

    it('keeps headers in their order, repeated and spelled as they were, and the status', async () => {
      const answer: Response = {
        status: 206,
        headers: [
          ['Set-Cookie', 'a=1'],
          ['X-Empty', ''],
          ['set-cookie', 'b="2"; Path=/'],
          ['X-Text', 'naïve\u00e9 \u{1f600}'],
          ['Set-Cookie', 'c=3'],
        ],
        body: inlinePayload(''),
      };
      await cache.set('a', answer, 60);
      expect(await cache.get('a')).toEqual(answer);
    });

    it('puts a later answer in the place of an earlier one, with its own time', async () => {
      await cache.set('a', anAnswer('one'), 1);
      await cache.set('a', anAnswer('two'), 60);
      await harness.pass(1_500);
      expect(await cache.get('a')).toEqual(anAnswer('two'));
    });

    it('forgets an answer when its time is over, and not before', async () => {
      await cache.set('short', anAnswer(), 1);
      await cache.set('long', anAnswer(), 31_536_000);
      await harness.pass(500);
      expect(await cache.get('short')).not.toBeNull();
      await harness.pass(1_000);
      expect(await cache.get('short')).toBeNull();
      expect(await cache.get('long')).not.toBeNull();
    });

    it('keeps what was set whatever the caller does with its buffer later', async () => {
      const body = Buffer.from('before');
      await cache.set('a', anAnswer(body), 60);
      body.write('after!');
      expect(await cache.get('a')).toEqual(anAnswer('before'));
    });

    it('takes any text as a key', async () => {
      const keys = ['a b', 'ä:*?[]', '{x}', 'k'.repeat(200)];
      for (const key of keys) await cache.set(key, anAnswer(key), 60);
      for (const key of keys) expect(await cache.get(key)).toEqual(anAnswer(key));
    });

    it('answers many at once', async () => {
      const keys = Array.from({ length: 500 }, (_, n) => `key-${n}`);
      await Promise.all(keys.map((key) => cache.set(key, anAnswer(key), 60)));
      const answers = await Promise.all(keys.map((key) => cache.get(key)));
      expect(answers).toEqual(keys.map((key) => anAnswer(key)));
    });
  });
}
