import { afterAll, describe, expect, it } from '@jest/globals';
import { Permanent } from '#core';
import { documents } from '#testing';
import { ClientGenerator } from './client-generator.js';

describe('a hostile document', () => {
  const generator = new ClientGenerator({ timeoutMs: 15_000, heapMb: 512, idleMs: 1_000 });
  afterAll(() => generator.close());

  it.each(documents.BOMBS)('ends in order: %s', async (_, document, want) => {
    const outcome = await generator.generate(document).then(
      () => 'a client',
      (error: unknown) => error,
    );
    if (want === 'a client') {
      expect(outcome).toBe('a client');
      return;
    }
    expect(outcome).toBeInstanceOf(Permanent);
    expect((outcome as Permanent).message).toMatch(want);
    expect((outcome as Permanent).message).toMatch(/^[^\n]{10,400}\.$/);
  });
});
