import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '#testing';
import { DependencyWatch } from './dependency-watch.js';
import { Unavailable } from './errors.js';

describe('DependencyWatch', () => {
  let clock: FakeClock;
  let looks: number;
  let database: () => Promise<null>;
  let isBusReady: boolean;
  let watch: DependencyWatch;

  beforeEach(() => {
    clock = new FakeClock();
    looks = 0;
    database = async () => null;
    isBusReady = true;
    watch = new DependencyWatch({
      processes: {
        nextTimed: () => {
          looks += 1;
          return database();
        },
      },
      bus: { ready: () => isBusReady },
      cache: { ready: () => false },
      blobs: { open: async () => null },
      clock,
    });
  });

  it('tells what is up and what is down, each since it was first seen so', async () => {
    const start = clock.now();
    expect(await watch.health()).toEqual({
      database: { state: 'up', since: start },
      bus: { state: 'up', since: start },
      cache: { state: 'down', since: start },
      blobs: { state: 'up', since: start },
    });
    await clock.advance(5_000);
    isBusReady = false;
    database = () => Promise.reject(new Unavailable('AWAY', 'It is away.'));
    const changed = { state: 'down', since: start + 5_000 };
    expect(await watch.health()).toMatchObject({ database: changed, bus: changed, cache: { since: start } });
    await clock.advance(5_000);
    expect(await watch.health()).toMatchObject({ database: changed, bus: changed });
  });

  it('takes one look for all who ask within a second', async () => {
    await Promise.all([watch.health(), watch.health(), watch.health()]);
    await clock.advance(999);
    await watch.health();
    expect(looks).toBe(1);
    await clock.advance(1);
    await watch.health();
    expect(looks).toBe(2);
  });

  it('takes what says nothing for two seconds for down', async () => {
    database = () => new Promise(() => undefined);
    const health = watch.health();
    await clock.advance(2_000);
    expect(await health).toMatchObject({ database: { state: 'down' }, blobs: { state: 'up' } });
  });
});
