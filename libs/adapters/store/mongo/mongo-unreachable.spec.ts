import { afterEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { eventually, FakeClock, logBatch, sampleEncryption, sampleProcess, sampleSpec } from '#testing';
import type { MongoStores } from './index.js';
import { openMongoStores } from './index.js';

describe('The MongoDB stores without a server', () => {
  const opened: MongoStores[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((stores) => stores.close()));
  });

  function open(uri: string) {
    const clock = new FakeClock();
    const lines: string[] = [];
    const failures: string[] = [];
    const stores = openMongoStores({
      uri,
      clock,
      encryption: sampleEncryption(),
      timeoutMs: 200,
      print: (line) => lines.push(line),
      onFailure: (error) => failures.push(String(error)),
    });
    opened.push(stores);
    return { stores, clock, lines, failures };
  }

  it('refuse every call at once, and say that they try again', async () => {
    const { stores, clock, lines, failures } = open('mongodb://user:secret@127.0.0.1:1/callboard');
    const { specs, processes, keys, logs } = stores;
    const calls = [
      () => specs.insert(sampleSpec()),
      () => specs.find(null, 'x'),
      () => specs.list('default', { offset: 0, limit: 1 }),
      () => specs.due(1, 1, 1),
      () => processes.insert(sampleProcess()),
      () => processes.release('x', 1, 1),
      () => processes.parkedSpecs(null, 1),
      () => processes.find(null, 'x'),
      () => processes.findResponse('default', 'x'),
      () => processes.claim('x', { owner: 'a', until: 1 }, [], 0),
      () => processes.due({ dueBefore: 1, repeatAfter: 1, limit: 1, now: 1 }),
      () => processes.release('x', 1, 1),
      () => processes.parkedSpecs(null, 1),
      () => processes.renew([{ traceId: 'x', attempt: 1 }], 1),
      () => processes.dueTimed({ limit: 1, now: 1, repeatAfter: 1 }),
      () => processes.heldSpecs(null, 1),
      () => processes.heldKeys('x', null, 1),
      () => processes.heldLine('x', '', 1),
      () => processes.releaseHeld(['x'], 1, 1),
      () => processes.noteSending({ traceId: 'x', attempt: 1 }),
      () => processes.noteUnsent({ traceId: 'x', attempt: 1 }),
      () => processes.tryLater({ traceId: 'x', attempt: 1 }, { at: 1, calls: [], specVersion: 1 }, 1),
      () => processes.nextTimed(),
      () => processes.followClock(1),
      () => processes.handBack({ traceId: 'x', attempt: 1 }, { dueAt: null, steps: [] }, 1),
      () => processes.complete({ traceId: 'x', attempt: 1 }, { status: 'ERROR', error: 'x' }, [], 1),
      () => specs.due(1, 1, 1),
      () => specs.archive('default', 'x', 1),
      () => specs.findClient('x'),
      () => logs.latest(1),
      () => keys.key('x'),
      () => logs.append(logBatch({ n: 1 })),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(Unavailable);
    await eventually('a failed attempt', () => lines.length > 0);
    await clock.advance(2_000);
    await eventually('a second one', () => lines.length > 1);
    expect(lines).toEqual(['⏳ Trying to reconnect MongoDB in 2s...', '⏳ Trying to reconnect MongoDB in 4s...']);
    expect(failures.join()).not.toContain('secret');
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(Unavailable);
  });

  it('end while they try', async () => {
    const { stores } = open('mongodb://127.0.0.1:1/callboard');
    await stores.close();
    await stores.close();
    await expect(stores.keys.key('x')).rejects.toBeInstanceOf(Unavailable);
  });

  it('report an address that is none, without its password', async () => {
    const { failures } = open('mongo://user:secret@127.0.0.1:1/callboard');
    await eventually('a failed attempt', () => failures.length > 0);
    expect(failures[0]).toContain('Invalid scheme');
    expect(failures[0]).not.toContain('secret');
  });
});
