import { describe, expect, it } from '@jest/globals';
import { anAnswer, FakeClock, runResponseCacheConformance } from '#testing';
import { MemoryResponseCache } from './memory-response-cache.js';

runResponseCacheConformance('MemoryResponseCache', async () => {
  const clock = new FakeClock();
  return {
    cache: new MemoryResponseCache({ clock }),
    pass: (ms) => clock.advance(ms),
    close: async () => undefined,
  };
});

describe('MemoryResponseCache', () => {
  it('stays within its bytes, and forgets first what was not used for longest', async () => {
    const cache = new MemoryResponseCache({ clock: new FakeClock(), maxBytes: 10_000 });
    for (let n = 0; n < 100; n += 1) {
      await cache.set(`key-${n}`, anAnswer(Buffer.alloc(500)), 60);
      await cache.get('key-0');
      expect(cache.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(cache.bytes).toBeGreaterThan(8_000);
    expect(await cache.get('key-0')).not.toBeNull();
    expect(await cache.get('key-99')).not.toBeNull();
    expect(await cache.get('key-1')).toBeNull();
  });

  it('lets go of what has expired though nobody asks for it, and of nothing else', async () => {
    const clock = new FakeClock();
    const cache = new MemoryResponseCache({ clock });
    for (let n = 0; n < 100; n += 1) await cache.set(`short-${n}`, anAnswer(), 20);
    await cache.set('long', anAnswer(), 600);
    const before = cache.bytes;
    await clock.advance(30_000);
    await cache.set('next', anAnswer(), 20);
    expect(cache.bytes).toBeLessThan(before / 10);
    expect(await cache.get('long')).not.toBeNull();
  });

  it('keeps no more memory than it counts', async () => {
    const cache = new MemoryResponseCache({ clock: new FakeClock() });
    await cache.set('key', anAnswer(Buffer.from('small')), 60);
    const { body } = (await cache.get('key')) ?? {};
    expect(body && 'inline' in body ? body.inline.buffer.byteLength : Infinity).toBeLessThanOrEqual(cache.bytes);
  });

  it('does not keep an answer that is too large, and throws nothing out for it', async () => {
    const cache = new MemoryResponseCache({ clock: new FakeClock(), maxEntryBytes: 1_000 });
    await cache.set('small', anAnswer(), 60);
    await cache.set('large', anAnswer(Buffer.alloc(1_000)), 60);
    expect(await cache.get('large')).toBeNull();
    expect(await cache.get('small')).not.toBeNull();
  });
});
