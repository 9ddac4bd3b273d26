import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { Conflict, DEFAULT_PROJECT, InvalidInput, newTraceId, Unavailable, Unprocessable } from '#core';
import { eventually, FakeClock } from '#testing';
import { SubmitOnce } from './submit-once.js';
import type { Making } from './submit-once.js';

const SUBMISSION = { project: DEFAULT_PROJECT, key: 'key', fingerprint: 'body' };
const OTHER_BODY = { project: DEFAULT_PROJECT, key: 'key', fingerprint: 'other' };

/** A place that takes each trace id but once, as the stores do. */
class Place implements Making {
  readonly made: string[] = [];
  fault: Error | null = null;

  make = async (traceId: string): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.fault) throw this.fault;
    if (this.made.includes(traceId)) throw new Conflict('TRACE_ID_TAKEN', 'There is one.');
    this.made.push(traceId);
  };
  exists = async (traceId: string): Promise<boolean> => this.made.includes(traceId);
}

describe('submitting once', () => {
  let folder: string;
  let stores: SqliteStores;
  let clock: FakeClock;
  let place: Place;
  let once: SubmitOnce;
  /** As in another process. */
  let elsewhere: SubmitOnce;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-once-'));
    clock = new FakeClock();
    stores = await openSqliteStores({ folder, clock });
    place = new Place();
    [once, elsewhere] = [submitOnce(), submitOnce()];
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  function submitOnce(): SubmitOnce {
    return new SubmitOnce(stores.idempotency, stores.keys, clock);
  }

  /** What a process of an older release leaves that dies after it took the key: the fingerprint as it is. */
  async function leaveBehind(): Promise<string> {
    const traceId = newTraceId();
    const times = { busyUntil: clock.now() + 5_000, expiresAt: clock.now() + 86_400_000 };
    await stores.idempotency.take({ ...SUBMISSION, traceId, ...times }, clock.now());
    return traceId;
  }

  it('makes one thing, and gives it to whoever sends the same again', async () => {
    const first = await once.execute(SUBMISSION, place);
    expect(first).toEqual({ traceId: place.made[0], isReplayed: false });
    expect(await elsewhere.execute(SUBMISSION, place)).toEqual({ ...first, isReplayed: true });
    expect(place.made).toHaveLength(1);
  });

  it('makes one thing of 100 requests at once; the others get it, or are told to wait', async () => {
    const asked = Array.from({ length: 100 }, (_, index) => (index % 2 ? once : elsewhere).execute(SUBMISSION, place));
    const answers = await Promise.allSettled(asked);
    expect(place.made).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(answer.value.traceId).toBe(place.made[0]);
      else expect(answer.reason).toBeInstanceOf(Conflict);
    }
  });

  it('refuses another body under the key', async () => {
    await once.execute(SUBMISSION, place);
    await expect(elsewhere.execute(OTHER_BODY, place)).rejects.toBeInstanceOf(Unprocessable);
    expect(place.made).toHaveLength(1);
  });

  it('goes on for one that died before it made anything, under the trace id that it had chosen', async () => {
    const traceId = await leaveBehind();
    await expect(once.execute(SUBMISSION, place)).rejects.toThrow('still being carried out');
    await clock.advance(5_000);
    expect(await once.execute(SUBMISSION, place)).toEqual({ traceId, isReplayed: false });
    expect(place.made).toEqual([traceId]);
  });

  it('finds what one made that died before it could note so', async () => {
    const traceId = await leaveBehind();
    await place.make(traceId);
    expect(await once.execute(SUBMISSION, place)).toEqual({ traceId, isReplayed: true });
    await clock.advance(5_000);
    expect(await once.execute(SUBMISSION, place)).toEqual({ traceId, isReplayed: true });
    expect(place.made).toEqual([traceId]);
  });

  it('notes then that it was made: it may be gone before the key is', async () => {
    const traceId = await leaveBehind();
    await place.make(traceId);
    await once.execute(SUBMISSION, place);
    await clock.advance(5_000);
    place.made.length = 0;
    expect(await once.execute(SUBMISSION, place)).toEqual({ traceId, isReplayed: true });
    expect(place.made).toEqual([]);
  });

  it('takes what a slow one makes meanwhile for what was asked of it', async () => {
    const traceId = await leaveBehind();
    await clock.advance(5_000);
    const blind = { make: place.make, exists: async () => false };
    await place.make(traceId);
    expect(await once.execute(SUBMISSION, blind)).toEqual({ traceId, isReplayed: true });
  });

  it('frees the key of a request that is refused', async () => {
    place.fault = new InvalidInput('FAULTY', 'Expected better.');
    await expect(once.execute(SUBMISSION, place)).rejects.toBe(place.fault);
    place.fault = null;
    expect(await once.execute(OTHER_BODY, place)).toMatchObject({ isReplayed: false });
  });

  it.each([
    ['does not answer', new Unavailable('GONE', 'The database does not answer.')],
    ['fails as nobody foresaw', new Error('This socket has been ended by the other party')],
  ])(
    'keeps the key, and the trace id, of a request that may have been carried out: what keeps it %s',
    async (_, fault) => {
      place.fault = fault;
      await expect(once.execute(SUBMISSION, place)).rejects.toBe(place.fault);
      place.fault = null;
      await expect(once.execute(OTHER_BODY, place)).rejects.toBeInstanceOf(Unprocessable);
      await clock.advance(5_000);
      const answer = await once.execute(SUBMISSION, place);
      expect(answer).toEqual({ traceId: place.made[0], isReplayed: false });
    },
  );

  it('keeps a fingerprint that nobody can find a body for by trying bodies', async () => {
    const { traceId } = await once.execute(SUBMISSION, place);
    const times = { busyUntil: clock.now() + 5_000, expiresAt: clock.now() + 86_400_000 };
    const asked = { ...SUBMISSION, traceId: newTraceId(), ...times };
    expect(await stores.idempotency.take(asked, clock.now())).toEqual({ state: 'other', traceId });
    expect(await elsewhere.execute(SUBMISSION, place)).toEqual({ traceId, isReplayed: true });
  });

  it('keeps a key for 24 hours, then removes it by the way', async () => {
    const first = await once.execute(SUBMISSION, place);
    await clock.advance(86_400_000 - 1);
    expect(await once.execute(SUBMISSION, place)).toEqual({ ...first, isReplayed: true });
    await clock.advance(60_001);
    await once.execute({ project: DEFAULT_PROJECT, key: 'another', fingerprint: 'body' }, place);
    await eventually('the old key to be gone', async () => {
      const times = { busyUntil: clock.now(), expiresAt: clock.now() };
      const asked = { ...SUBMISSION, traceId: newTraceId(), ...times };
      // As of a time at which it was not over yet.
      return (await stores.idempotency.take(asked, 0)).state === 'mine';
    });
  });
});
