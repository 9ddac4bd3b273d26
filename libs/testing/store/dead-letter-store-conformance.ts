import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeadLetter, DeadLetterFilter, DeadLetterStore, DeadMessage, ProcessStore } from '#core';
import { DEFAULT_PROJECT, InvalidInput, newTraceId } from '#core';
import type { MakeStore } from './harness.js';
import { CLAIMED, ProcessFixture, sampleCall, success } from './process-fixture.js';
import { SAMPLE_TIME, UNSTORABLE_TEXTS } from './samples.js';

const now = SAMPLE_TIME;

interface LetterStores {
  readonly deadLetters: DeadLetterStore;
  readonly processes: ProcessStore;
}

/** A message that no handler could parse. */
function sampleDeadMessage(change: Partial<DeadMessage> = {}): DeadMessage {
  return {
    ...{ kind: 'message', traceId: newTraceId(), project: DEFAULT_PROJECT, type: 'SPEC' },
    ...{ reason: 'Expected a message in JSON, got "x".', bytes: 1, excerpt: 'x', at: now },
    ...change,
  };
}

/** The contract of DeadLetterStore and of the mark that ProcessStore sets, for every implementation. */
export function runDeadLetterStoreConformance(name: string, make: MakeStore<LetterStores>): void {
  describe(`${name} as a DeadLetterStore`, () => {
    let letters: DeadLetterStore;
    let other: DeadLetterStore;
    let fixture: ProcessFixture;
    beforeEach(async () => {
      const harness = await make();
      [letters, other] = [harness.store.deadLetters, harness.other.deadLetters];
      fixture = new ProcessFixture({
        store: harness.store.processes,
        other: harness.other.processes,
        close: () => harness.close(),
      });
    });
    afterEach(() => fixture.harness.close());

    async function list(filter: DeadLetterFilter = {}): Promise<readonly DeadLetter[]> {
      return (await letters.list(DEFAULT_PROJECT, { limit: 100, ...filter })).letters;
    }

    async function idsOf(filter: DeadLetterFilter = {}): Promise<string[]> {
      return (await list(filter)).map((letter) => letter.traceId);
    }

    async function bury(at: number, change: { service?: string; error?: string; project?: string } = {}) {
      const { error = 'Error executing API call: broken', ...process } = change;
      const claim = await fixture.insertClaimed(process);
      const calls = [sampleCall(1, 'broken'), sampleCall(2, 'broken')];
      await fixture.store.complete(claim, { status: 'ERROR', error, calls, isDead: true }, CLAIMED, at);
      return claim.traceId;
    }

    async function append(change: Partial<DeadMessage> = {}, payload: string | undefined = 'x'): Promise<DeadMessage> {
      const letter = sampleDeadMessage(change);
      await letters.append(letter, payload);
      return letter;
    }

    it('tells of a process that was given up, and of no other that ended', async () => {
      const traceId = await bury(now + 5);
      const failed = await fixture.insertClaimed();
      await fixture.store.complete(failed, { status: 'ERROR', error: '404' }, CLAIMED, now);
      await fixture.store.complete(await fixture.insertClaimed(), success(), CLAIMED, now);
      expect(await list()).toEqual([
        {
          ...{ kind: 'process', traceId, project: DEFAULT_PROJECT, at: now + 5 },
          ...{ service: 'filmot', specTraceId: 'SpecSpecSpecSpec' },
          ...{ reason: 'Error executing API call: broken', attempts: 2 },
        },
      ]);
    });

    it('does not mark a process whose claim is no longer the latest', async () => {
      const claim = await fixture.insertClaimed();
      const late = { ...claim, attempt: claim.attempt - 1 };
      const outcome = { status: 'ERROR', error: 'broken', isDead: true } as const;
      expect(await fixture.store.complete(late, outcome, CLAIMED, now)).toBe(false);
      expect(await list()).toEqual([]);
    });

    it('keeps a message with its text, whatever is in it, once for a trace id', async () => {
      for (const [index, text] of UNSTORABLE_TEXTS.entries()) {
        await append({ reason: text, excerpt: text, type: null, at: now + index });
      }
      expect((await list()).map((letter) => letter.reason)).toEqual([...UNSTORABLE_TEXTS].reverse());
      const letter = await append({ at: now + 10 }, 'nul\0 ✓');
      await other.append({ ...letter, reason: 'again' }, 'again');
      expect((await list())[0]).toEqual(letter);
      expect(await other.payload(DEFAULT_PROJECT, letter.traceId)).toBe('nul\0 ✓');
      expect(await letters.payload('another', letter.traceId)).toBeNull();
    });

    it('keeps no text of a message that is too long', async () => {
      const letter = sampleDeadMessage();
      await letters.append(letter, undefined);
      expect(await list()).toEqual([letter]);
      expect(await letters.payload(DEFAULT_PROJECT, letter.traceId)).toBeNull();
      expect(await letters.payload(DEFAULT_PROJECT, newTraceId())).toBeNull();
    });

    it('lists both kinds as one, newest first, and of each project only its own', async () => {
      const first = await bury(now + 1);
      const { traceId: second } = await append({ at: now + 2 });
      const third = await bury(now + 3);
      await bury(now + 4, { project: 'another' });
      await append({ at: now + 5, project: 'another' });
      expect(await idsOf()).toEqual([third, second, first]);
    });

    it('gives only letters that meet every condition', async () => {
      const a = await bury(now, { service: 'a', error: 'API call failed: 503' });
      const b = await bury(now + 1, { service: 'b', error: 'API call failed: TIMEOUT' });
      const { traceId: c } = await append({ at: now + 2, type: 'SPEC', reason: 'Expected JSON.' });
      const { traceId: d } = await append({ at: now + 3, type: null, reason: 'delivery_limit' });
      expect(await idsOf({ kind: 'process' })).toEqual([b, a]);
      expect(await idsOf({ kind: 'message' })).toEqual([d, c]);
      expect(await idsOf({ service: 'a' })).toEqual([a]);
      expect(await idsOf({ type: 'SPEC' })).toEqual([c]);
      expect(await idsOf({ service: 'a', type: 'SPEC' })).toEqual([]);
      expect(await idsOf({ kind: 'message', service: 'a' })).toEqual([]);
      expect(await idsOf({ reason: 'timeout' })).toEqual([b]);
      expect(await idsOf({ reason: 'e', kind: 'message' })).toEqual([d, c]);
      expect(await idsOf({ from: now + 1, before: now + 3 })).toEqual([c, b]);
      expect(await idsOf({ from: now + 4 })).toEqual([]);
      expect(await idsOf({ before: now })).toEqual([]);
    });

    it('gives each letter once over all pages, whatever is added between them', async () => {
      const stored = Array.from({ length: 60 }, (_, index) => sampleDeadMessage({ at: now + Math.floor(index / 7) }));
      await Promise.all(stored.map((letter) => letters.append(letter, 'x')));
      const marked = await Promise.all(Array.from({ length: 60 }, (_, index) => bury(now + Math.floor(index / 7))));
      const listed: DeadLetter[] = [];
      let cursor: string | undefined;
      do {
        const page = await other.list(DEFAULT_PROJECT, { limit: 25, cursor });
        expect(page.letters.length).toBe(page.next === null ? 20 : 25);
        listed.push(...page.letters);
        await append({ at: now + 1_000 });
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      const ids = listed.map((letter) => letter.traceId);
      expect([...ids].sort()).toEqual([...marked, ...stored.map((letter) => letter.traceId)].sort());
      expect(listed.map((letter) => letter.at)).toEqual(listed.map((letter) => letter.at).sort((x, y) => y - x));
    });

    it('takes letters of either kind away, each for one caller, and leaves the process', async () => {
      const dead = await bury(now);
      const { traceId: message } = await append({ at: now + 1 });
      const kept = await bury(now + 2);
      const foreign = await bury(now, { project: 'another' });
      const ids = [dead, message, foreign, newTraceId()];
      const removed = await Promise.all([letters.remove(DEFAULT_PROJECT, ids), other.remove(DEFAULT_PROJECT, ids)]);
      expect(removed[0] + removed[1]).toBe(2);
      expect(await idsOf()).toEqual([kept]);
      expect(await letters.payload(DEFAULT_PROJECT, message)).toBeNull();
      expect(await fixture.store.find(DEFAULT_PROJECT, dead)).toMatchObject({ status: 'ERROR' });
      expect((await letters.list('another', { limit: 1 })).letters).toHaveLength(1);
      expect(await letters.remove(DEFAULT_PROJECT, [])).toBe(0);
    });

    it('lets letters of messages go by their age, of all projects, oldest first and so many at a time', async () => {
      await append({ at: now - 3, project: 'another' });
      await append({ at: now - 2 });
      const { traceId: younger } = await append({ at: now - 1 });
      const { traceId: youngest } = await append({ at: now });
      const process = await bury(now - 9);
      expect(await letters.sweep(now, 2)).toBe(2);
      expect(await idsOf()).toEqual([youngest, younger, process]);
      expect((await letters.list('another', { limit: 1 })).letters).toEqual([]);
      expect(await other.sweep(now, 2)).toBe(1);
      expect(await letters.sweep(now, 2)).toBe(0);
      expect(await idsOf()).toEqual([youngest, process]);
    });

    it.each(['', 'nonsense', Buffer.from('[1,2]').toString('base64url')])(
      'refuses a cursor of which it gave none: %j',
      async (cursor) => {
        await expect(letters.list(DEFAULT_PROJECT, { limit: 1, cursor })).rejects.toThrow(InvalidInput);
      },
    );
  });
}
