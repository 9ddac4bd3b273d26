import { describe, expect, test } from '@jest/globals';
import { GatheredText } from './gathered-text.js';

describe('gathered text', () => {
  test('is what was added, in order, whatever its characters and however much it grows', () => {
    const gathered = new GatheredText();
    const texts = Array.from({ length: 40 }, (_, n) => `${n} é € 𝄞 `.repeat(n * 50));
    for (const text of texts) gathered.add(text);
    const whole = texts.join('');
    expect(gathered.read().toString()).toBe(whole);
    expect(gathered.length).toBe(Buffer.byteLength(whole));
  });

  test('what was read stays as it was while more is added', () => {
    const gathered = new GatheredText();
    gathered.add('one');
    const read = gathered.read();
    gathered.add('two');
    expect([read.toString(), gathered.read().toString()]).toEqual(['one', 'onetwo']);
  });
});
