import { describe, expect, it } from '@jest/globals';
import { samplePattern } from './pattern-sample.js';

describe('samplePattern', () => {
  const sampled: string[] = [
    '^[A-Z]{3}-\\d{4}$',
    '[a-f0-9]{8}-[a-f0-9]{4}',
    '^(foo|bar)+baz?$',
    '^\\w+@\\w+\\.com$',
    '^[^/]+/[^a-zA-Z]$',
    '^(?:a|b)(?<year>\\d\\d)$',
    '^[\\w.-]{2,5}$',
    '^\\u0041\\x42[\\d\\s]$',
    '^$',
    'a*b{0,2}c{2}',
    '^[]a]|x$',
    '^[-+]?\\d+(\\.\\d+)?$',
    '.',
    '^\\[\\]\\{\\}$',
  ];
  it.each(sampled)('finds text that matches %s', (pattern) => {
    const sample = samplePattern(pattern);
    expect(sample === null || new RegExp(pattern).test(sample)).toBe(true);
  });

  it.each(['^(?=x)', '^(?!x)y', '(a)\\1', '\\p{L}+', '[a', '(a', 'a)', '*', '^(?<=x)y', 'a{1000}', '('.repeat(400)])(
    'gives up on %s',
    (pattern) => {
      expect(samplePattern(pattern)).toBeNull();
    },
  );

  it('passes over slashes around a pattern', () => {
    expect(samplePattern('/^[b-d]{2}$/i')).toBe('bb');
  });

  it('never runs a pattern that would take for ever', () => {
    expect(samplePattern('^(a+)+b$')).toBe('ab');
  });
});
