import { describe, expect, it } from '@jest/globals';
import { corpusOf } from './corpus.js';
import { TARGETS } from './targets.js';

describe.each(TARGETS.map((target) => [target.name, target] as const))('the reader of %s', (name, target) => {
  it('holds against all that broke it before', async () => {
    const kept = await corpusOf(name);
    for (const { bytes } of kept) await target.check(bytes);
    expect(kept.length).toBeGreaterThan(0);
  });
});
