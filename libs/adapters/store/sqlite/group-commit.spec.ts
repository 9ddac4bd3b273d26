import { describe, expect, it } from '@jest/globals';
import { Conflict, Unavailable } from '#core';
import { GroupCommit } from './group-commit.js';

/** Transactions over a list: what is committed, what each commit held, and faults on demand. */
class Ledger {
  committed: string[] = [];
  commits: string[][] = [];
  failing: Error | null = null;
  private open: string[] | null = null;

  begin(): void {
    expect(this.open).toBeNull();
    this.open = [];
  }
  commit(): void {
    if (this.failing) throw this.failing;
    this.committed.push(...this.open!);
    this.commits.push(this.open!);
    this.open = null;
  }
  rollback(): void {
    this.open = null;
  }
  write(text: string): string {
    this.open!.push(text);
    return text.toUpperCase();
  }
}

describe('GroupCommit', () => {
  it('joins what is asked for in one turn, in order, and answers each with its own result', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger);
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => group.run(() => ledger.write(text))));
    expect(answers).toEqual(['A', 'B', 'C']);
    expect(ledger.commits).toEqual([['a', 'b', 'c']]);
  });

  it('answers nobody before the commit', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger);
    await group.run(() => ledger.write('a')).then(() => expect(ledger.committed).toEqual(['a']));
  });

  it('commits a lone change at once', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger);
    await group.run(() => ledger.write('a'));
    await group.run(() => ledger.write('b'));
    expect(ledger.commits).toEqual([['a'], ['b']]);
  });

  it('refuses what comes while too many wait, and commits those', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger, { maxWaiting: 2 });
    const [first, second, third] = ['a', 'b', 'c'].map((text) => group.run(() => ledger.write(text)));
    await expect(third).rejects.toThrow(Unavailable);
    expect([await first, await second]).toEqual(['A', 'B']);
    expect(await group.run(() => ledger.write('d'))).toBe('D');
    expect(ledger.committed).toEqual(['a', 'b', 'd']);
  });

  it('bounds how many share a transaction, and lets the event loop turn between two', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger, { limit: 2 });
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => group.run(() => ledger.write(text))));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ledger.commits).toEqual([['a', 'b']]);
    await all;
    expect(ledger.commits).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('gathers what trickles in under load, for as long as it was told to', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger, { gatherMs: 250 });
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => group.run(() => ledger.write(text))));
    const first = group.run(() => ledger.write('e'));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, group.run(() => ledger.write('f'))]);
    await group.run(() => ledger.write('g'));
    expect(ledger.commits).toEqual([['a', 'b', 'c', 'd'], ['e', 'f'], ['g']]);
  });

  it('gives a refusal to the one refused and commits its neighbours', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger);
    const refused = new Conflict('TAKEN', 'Taken.');
    const results = await Promise.allSettled([
      group.run(() => ledger.write('a')),
      group.run(() => {
        throw refused;
      }),
      group.run(() => ledger.write('c')),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: refused });
    expect(ledger.commits).toEqual([['a', 'c']]);
  });

  it('undoes what a broken change wrote and tries its neighbours again without it', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger);
    const broken = new TypeError('broken');
    const results = await Promise.allSettled([
      group.run(() => ledger.write('a')),
      group.run(() => {
        ledger.write('half');
        throw broken;
      }),
      group.run(() => ledger.write('c')),
    ]);
    expect(results).toMatchObject([{ value: 'A' }, { reason: broken }, { value: 'C' }]);
    expect(ledger.committed).toEqual(['a', 'c']);
  });

  it('rejects all of a transaction that the environment failed, and goes on afterwards', async () => {
    const ledger = new Ledger();
    const full = new Unavailable('FULL', 'The disk is full.');
    const group = new GroupCommit(ledger, { translate: () => full });
    ledger.failing = new Error('code 13');
    const results = await Promise.allSettled(['a', 'b'].map((text) => group.run(() => ledger.write(text))));
    expect(results).toMatchObject([{ reason: full }, { reason: full }]);
    expect(ledger.committed).toEqual([]);
    ledger.failing = null;
    await group.run(() => ledger.write('c'));
    expect(ledger.committed).toEqual(['c']);
  });

  it('commits all that is pending when told to', async () => {
    const ledger = new Ledger();
    const group = new GroupCommit(ledger, { limit: 2 });
    const all = Promise.all(['a', 'b', 'c'].map((text) => group.run(() => ledger.write(text))));
    group.flushAll();
    expect(ledger.committed).toEqual(['a', 'b', 'c']);
    await all;
  });
});
