import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessBus, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { DEFAULT_PROJECT, encodeMessage, LONGEST_LETTER, newTraceId, Unavailable } from '#core';
import type { DeadLetterStore, Undeliverable } from '#core';
import { aMessage, CALLER, eventually, FakeClock, Inbox } from '#testing';
import { KeepDeadLetter } from './keep-dead-letter.js';
import { PurgeDeadLetters } from './purge-dead-letters.js';
import { ReplayDeadLetters } from './replay-dead-letters.js';
import type { ReplayProcess } from './replay-process.js';

describe('dead letters of messages', () => {
  const clock = new FakeClock();
  const never = new AbortController().signal;
  let folder: string;
  let stores: SqliteStores;
  let letters: DeadLetterStore;
  let faults: unknown[];
  let counted: string[];
  let bus: InProcessBus;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-letters-'));
    stores = await openSqliteStores({ folder, clock });
    letters = stores.deadLetters;
    [faults, counted] = [[], []];
    bus = new InProcessBus({ clock });
  });
  afterEach(async () => {
    await bus.close();
    await stores.close();
    await rm(folder, { recursive: true });
  });

  function keeper(store = letters): KeepDeadLetter {
    return new KeepDeadLetter(store, clock, {
      excerptOf: (text) => text.replace('hunter2', '***').slice(0, 20),
      projectOf: async (traceId) => (traceId === 'OfAnotherProject' ? 'another' : null),
      onFault: (error) => faults.push(error),
      observer: { deadLetter: (kind) => counted.push(kind) },
    });
  }

  function undeliverable(change: Partial<Undeliverable> = {}): Undeliverable {
    return { type: 'SPEC', reason: 'No good.', payload: 'never {json', at: clock.now(), ...change };
  }

  async function list() {
    return (await letters.list(DEFAULT_PROJECT, { limit: 1_000 })).letters;
  }

  const replay = () => new ReplayDeadLetters(letters, {} as ReplayProcess, bus);

  it('belong to the project of what the message is about, and to the default one where nobody can tell', async () => {
    const about = (traceId: string) => encodeMessage({ ...aMessage('SPEC'), traceId });
    await keeper().execute(undeliverable({ payload: about('OfAnotherProject') }), never);
    await keeper().execute(undeliverable({ payload: about(newTraceId()) }), never);
    await keeper().execute(undeliverable({ payload: about('OfAnotherProject').slice(1) }), never);
    expect(await list()).toHaveLength(2);
    expect((await letters.list('another', { limit: 10 })).letters).toMatchObject([{ project: 'another' }]);
  });

  it('are kept once, however often the bus brings them', async () => {
    const letter = undeliverable();
    for (let time = 0; time < 3; time += 1) await keeper().execute(letter, never);
    await keeper().execute(undeliverable({ payload: 'other' }), never);
    expect(await list()).toHaveLength(2);
    const [kept] = (await list()).filter((each) => each.kind === 'message' && each.excerpt === 'never {json');
    expect(kept).toMatchObject({ kind: 'message', type: 'SPEC', reason: 'No good.', bytes: 11, at: clock.now() });
    expect(await letters.payload(DEFAULT_PROJECT, kept?.traceId ?? '')).toBe('never {json');
  });

  it('show neither in their text nor in their reason what is secret', async () => {
    await keeper().execute(undeliverable({ payload: 'is hunter2', reason: 'Got hunter2.' }), never);
    expect(await list()).toMatchObject([{ excerpt: 'is ***', reason: 'Got ***.' }]);
  });

  it('wait for the database, and go back to the bus when the worker must stop first', async () => {
    let isAway = true;
    const away = Object.assign(Object.create(letters) as DeadLetterStore, {
      append: (...of: Parameters<DeadLetterStore['append']>) =>
        isAway ? Promise.reject(new Unavailable('AWAY', 'It is away.')) : letters.append(...of),
    });
    const stop = new AbortController();
    const stopped = keeper(away).execute(undeliverable(), stop.signal);
    await eventually('the wait', () => clock.sleeping === 1);
    stop.abort();
    await expect(stopped).rejects.toThrow('It is away.');
    const waiting = keeper(away).execute(undeliverable(), never);
    await eventually('the wait', () => clock.sleeping === 1);
    isAway = false;
    await clock.advance(2_000);
    await waiting;
    expect([counted, faults.length]).toEqual([['message'], 2]);
  });

  it('come from the bus to the database', async () => {
    const inbox = new Inbox(() => ({ kind: 'dead', reason: 'Not today.' }));
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    const keep = keeper();
    await bus.consumeUndeliverable({ prefetch: 1 }, (letter, signal) => keep.execute(letter, signal));
    await bus.publish(aMessage('SPEC'));
    await eventually('the letter', async () => (await list()).length === 1);
    expect(bus.deadLetters()).toEqual({ letters: [], total: 1 });
  });

  it('are sent again where they can be read by now, and stay where not', async () => {
    const readable = aMessage('SPEC');
    await keeper().execute(undeliverable({ payload: encodeMessage(readable) }), never);
    await keeper().execute(undeliverable({ payload: 'still no JSON' }), never);
    await keeper().execute(undeliverable({ payload: 'x'.repeat(LONGEST_LETTER + 1) }), never);
    const inbox = new Inbox();
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    const bulk = { dryRun: false, limit: 100 };
    expect(await replay().execute(CALLER, bulk)).toEqual({ matched: 3, done: 1, failed: 2, next: null });
    await inbox.count(1);
    expect(inbox.received).toEqual([readable]);
    expect((await list()).map((letter) => letter.kind === 'message' && letter.excerpt)).toEqual(
      expect.arrayContaining(['still no JSON', 'x'.repeat(20)]),
    );
  });

  it('are refused whole while the bus is away, and stay', async () => {
    await keeper().execute(undeliverable({ payload: encodeMessage(aMessage('SPEC')) }), never);
    await bus.close();
    await expect(replay().execute(CALLER, { dryRun: false, limit: 1 })).rejects.toThrow(Unavailable);
    expect(await list()).toHaveLength(1);
  });

  it('are purged piece by piece up to the limit, from where the last request ended, and counted without', async () => {
    const appending = Array.from({ length: 1_205 }, (_, n) => {
      const common = { traceId: newTraceId(), project: DEFAULT_PROJECT, at: n, bytes: 0, excerpt: '', type: null };
      return letters.append({ kind: 'message', ...common, reason: n % 2 ? 'odd' : 'even' }, '');
    });
    await Promise.all(appending);
    const purge = new PurgeDeadLetters(letters);
    const bulk = { reason: 'odd', limit: 600 };
    const counted = await purge.execute(CALLER, { ...bulk, dryRun: true });
    expect(counted).toMatchObject({ matched: 600, done: 0 });
    expect(await purge.execute(CALLER, { ...bulk, dryRun: true, cursor: counted.next ?? '' })).toMatchObject({
      matched: 2,
      next: null,
    });
    const first = await purge.execute(CALLER, { ...bulk, dryRun: false });
    expect(first).toMatchObject({ matched: 600, done: 600 });
    const rest = await purge.execute(CALLER, { ...bulk, dryRun: false, cursor: first.next ?? undefined });
    expect(rest).toEqual({ matched: 2, done: 2, failed: 0, next: null });
    expect((await list()).map((letter) => letter.reason)).toEqual(Array.from({ length: 603 }, () => 'even'));
  });
});
