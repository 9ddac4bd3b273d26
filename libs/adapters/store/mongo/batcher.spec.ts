import { describe, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { Gate } from '#testing';
import type { Settled } from './batcher.js';
import { Batcher } from './batcher.js';

/** Doubles numbers; keeps the batches it was sent, each until its gate opens. */
class Doubler {
  readonly batches: (readonly number[])[] = [];
  gate: Gate | null = null;
  failure: Error | null = null;
  readonly batcher = new Batcher<number, number>({ send: (items) => this.send(items), limit: 3, maxWaiting: 6 });

  private async send(items: readonly number[]): Promise<Settled<number>[]> {
    this.batches.push(items);
    await this.gate?.opened;
    if (this.failure) throw this.failure;
    return items.map((item) => (item < 0 ? { error: new Error('negative') } : { value: item * 2 }));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Batcher', () => {
  it('sends what is asked for in one turn together, and answers each', async () => {
    const { batcher, batches } = new Doubler();
    expect(await Promise.all([1, 2, 3].map((item) => batcher.add(item)))).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('refuses what comes while too many wait, and sends those', async () => {
    const doubler = new Doubler();
    doubler.gate = new Gate();
    const first = doubler.batcher.add(0);
    await turn();
    const waiting = Promise.all([1, 2, 3, 4, 5, 6].map((item) => doubler.batcher.add(item)));
    await expect(doubler.batcher.add(7)).rejects.toThrow(Unavailable);
    doubler.gate.open();
    expect([await first, ...(await waiting)]).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });

  it('sends a lone item at once', async () => {
    const { batcher, batches } = new Doubler();
    expect(await batcher.add(1)).toBe(2);
    expect(await batcher.add(2)).toBe(4);
    expect(batches).toEqual([[1], [2]]);
  });

  it('gathers what comes while a batch is under way, up to the limit', async () => {
    const doubler = new Doubler();
    doubler.gate = new Gate();
    const first = doubler.batcher.add(1);
    await turn();
    const rest = Promise.all([2, 3, 4, 5].map((item) => doubler.batcher.add(item)));
    await turn();
    expect(doubler.batches).toEqual([[1]]);
    doubler.gate.open();
    expect(await first).toBe(2);
    expect(await rest).toEqual([4, 6, 8, 10]);
    expect(doubler.batches).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('gives a refusal to the one refused', async () => {
    const { batcher } = new Doubler();
    const results = await Promise.allSettled([1, -1, 3].map((item) => batcher.add(item)));
    expect(results).toMatchObject([{ value: 2 }, { reason: new Error('negative') }, { value: 6 }]);
  });

  it('fails those that wait with the batch before them, and goes on afterwards', async () => {
    const doubler = new Doubler();
    doubler.gate = new Gate();
    doubler.failure = new Error('gone');
    const first = doubler.batcher.add(1);
    await turn();
    const waiting = doubler.batcher.add(2);
    doubler.gate.open();
    const results = await Promise.allSettled([first, waiting]);
    expect(results).toMatchObject([{ reason: doubler.failure }, { reason: doubler.failure }]);
    expect(doubler.batches).toEqual([[1]]);
    doubler.failure = null;
    expect(await doubler.batcher.add(3)).toBe(6);
  });
});
