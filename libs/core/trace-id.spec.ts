import { expect, test } from '@jest/globals';
import { derivedTraceId, isTraceId, newTraceId } from './trace-id.js';

test('a trace id is 16 letters and digits, and no two are alike', () => {
  const ids = Array.from({ length: 10_000 }, () => newTraceId());
  expect(ids.every(isTraceId)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids made one after another sort in that order by their first six characters, but where the count begins anew', () => {
  const heads = Array.from({ length: 10_000 }, () => newTraceId().slice(0, 6));
  const descents = heads.filter((head, index) => index > 0 && head <= (heads[index - 1] ?? ''));
  expect(descents.length).toBeLessThanOrEqual(1);
});

test('every letter of the alphabet is as likely as the others in the ten that are random', () => {
  const counts = new Map<string, number>();
  const letters = Array.from({ length: 20_000 }, () => newTraceId().slice(6)).join('');
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const expected = letters.length / 62;
  expect(counts.size).toBe(62);
  // Six standard deviations: a fair source fails this once in many million runs.
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
});

test('a derived trace id is the same for the same words, and another for any others', () => {
  const id = derivedTraceId('replay', 'ab', 'c');
  expect(isTraceId(id)).toBe(true);
  expect(derivedTraceId('replay', 'ab', 'c')).toBe(id);
  expect(derivedTraceId('replay', 'a', 'bc')).not.toBe(id);
});

test.each(['', 'short', 'a'.repeat(17), 'aaaaaaaaaaaaaaa-', 'aaaaaaaaaaaaaaa\n', 7, null])(
  '%j is no trace id',
  (value) => {
    expect(isTraceId(value)).toBe(false);
  },
);
