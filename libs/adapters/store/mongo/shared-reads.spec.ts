import { expect, it } from '@jest/globals';
import { SharedReads } from './shared-reads.js';

/** Reads that end when they are told to, each giving its number. */
class Reads {
  readonly shared = new SharedReads<number>();
  readonly ends: ((error?: Error) => void)[] = [];

  ask(key = 'a'): Promise<number> {
    return this.shared.read(key, () => {
      const number = this.ends.length + 1;
      return new Promise((resolve, reject) => {
        this.ends.push((error) => (error ? reject(error) : resolve(number)));
      });
    });
  }
}

it('who asks during a read shares the next one, never the one under way', async () => {
  const reads = new Reads();
  const first = reads.ask();
  const others = [reads.ask(), reads.ask(), reads.ask()];
  expect(reads.ends.length).toBe(1);
  reads.ends[0]?.();
  expect(await first).toBe(1);
  expect(reads.ends.length).toBe(2);
  reads.ends[1]?.();
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
});

it('different things are read side by side', () => {
  const reads = new Reads();
  void reads.ask('a');
  void reads.ask('b');
  expect(reads.ends.length).toBe(2);
});

it('a read that fails fails for those who share it, and the next one begins all the same', async () => {
  const reads = new Reads();
  const first = reads.ask();
  const second = reads.ask();
  reads.ends[0]?.(new Error('away'));
  await expect(first).rejects.toThrow('away');
  reads.ends[1]?.();
  expect(await second).toBe(2);
  const third = reads.ask();
  reads.ends[2]?.();
  expect(await third).toBe(3);
});
