import { beforeEach, expect, it } from '@jest/globals';
import type { Project } from '#core';
import { DEFAULT_PROJECT, Unavailable } from '#core';
import { FakeClock } from '#testing';
import { KnownProjects } from './known-projects.js';

const project = (name: string, removedAt: number | null = null): Project => {
  return { name, title: null, createdAt: 0, updatedAt: 0, removedAt };
};

let clock: FakeClock;
let kept: Project[];
let reads: number;
let known: KnownProjects;

beforeEach(() => {
  clock = new FakeClock();
  kept = [project('a'), project('gone', 1)];
  reads = 0;
  known = new KnownProjects({ list: async () => ((reads += 1), [...kept]) }, clock);
});

it('the default project is there without a look', () => {
  expect(known.has(DEFAULT_PROJECT)).toBe(true);
  expect(reads).toBe(0);
});

it('costs one look for two seconds, however many ask', async () => {
  expect(await Promise.all(['a', 'gone', 'none', 'a'].map(async (name) => known.has(name)))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  await clock.advance(1_999);
  expect(known.has('a')).toBe(true);
  expect(reads).toBe(1);
  kept = [];
  await clock.advance(1);
  expect(await known.has('a')).toBe(false);
  expect(reads).toBe(2);
});

it('finds a new one soon, and names that none has cost four looks a second', async () => {
  await known.has('b');
  kept.push(project('b'));
  expect(known.has('b')).toBe(false);
  await clock.advance(250);
  expect(await known.has('b')).toBe(true);
  for (let n = 0; n < 1_000; n += 1) await known.has(`none-${n}`);
  expect(reads).toBe(2);
});

it('what was read before a change is not remembered after it', async () => {
  const before = known.has('b');
  kept.push(project('b'));
  known.forget();
  expect(await before).toBe(false);
  expect(await known.has('b')).toBe(true);
  expect(known.has('a')).toBe(true);
  expect(reads).toBe(2);
});

it('asks again after a look that failed, and looks anew when the clock was set back', async () => {
  let isAway = true;
  const away = new KnownProjects(
    { list: async () => (isAway ? Promise.reject(new Unavailable('AWAY', 'Away.')) : kept) },
    clock,
  );
  await expect(away.has('a')).rejects.toThrow(Unavailable);
  isAway = false;
  expect(await away.has('a')).toBe(true);
  await clock.advance(-60_000);
  kept = [];
  expect(await away.has('a')).toBe(false);
});
