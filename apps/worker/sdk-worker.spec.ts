import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import type { Sdk } from '#core';
import { eventually, FakeClock } from '#testing';
import { SdkWorker } from './sdk-worker.js';

let clock: FakeClock;
/** What waits in the database. */
let waiting: Sdk[];
let begun: string[];
let faults: unknown[];
let looks: number;
/** Ends the SDK under way. */
let finish: () => void;
let worker: SdkWorker;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  [waiting, begun, faults, looks] = [[], [], [], 0];
  stop = new AbortController();
  const verb = {
    claim: async () => {
      looks += 1;
      return waiting.shift() ?? null;
    },
    run: (sdk: Sdk, signal: AbortSignal) => {
      begun.push(sdk.generator);
      return new Promise<void>((resolve, reject) => {
        finish = resolve;
        if (sdk.generator === 'broken') reject(new Unavailable('AWAY', 'The store is away.'));
        signal.addEventListener('abort', () => reject(new Unavailable('STOPPED', 'Stopped.')));
      });
    },
  };
  worker = new SdkWorker(verb, { clock, everyMs: 5_000, onFault: (_, error) => void faults.push(error) });
});
afterEach(async () => {
  stop.abort();
  await running;
});

function sdk(generator: string): Sdk {
  return {
    traceId: `Sdk${generator}`,
    project: 'default',
    specTraceId: 'SpecSpecSpecSpec',
    version: 1,
    generator,
    status: 'IN_PROGRESS',
    createdAt: 0,
    updatedAt: 0,
    attempt: 1,
  };
}
function start(...generators: string[]): void {
  waiting = generators.map(sdk);
  running = worker.run(stop.signal);
}
const until = (what: string, check: () => boolean): Promise<boolean> => eventually(what, check);

it('makes one at a time until there is none', async () => {
  start('go', 'java');
  await until('the first to begin', () => begun.length === 1);
  expect(begun).toEqual(['go']);
  finish();
  await until('the second to begin', () => begun.length === 2);
  finish();
  await until('a look in vain', () => looks === 3);
  expect(faults).toEqual([]);
});

it('looks at once when it is told, and by itself after a while', async () => {
  start();
  await until('its first look', () => looks === 1);
  worker.nudge();
  await until('a look because it was told', () => looks === 2);
  await until('its rest', () => clock.sleeping > 0);
  await clock.advance(5_000);
  await until('a look by itself', () => looks === 3);
});

it('misses nothing that it is told while it works', async () => {
  start('go');
  await until('the first to begin', () => begun.length === 1);
  worker.nudge();
  finish();
  await until('a look after its work, and one because it was told', () => looks === 3);
});

it('tells a fault and goes on at its next look', async () => {
  start('broken', 'go');
  await until('the fault', () => faults.length === 1);
  worker.nudge();
  await until('the next to begin', () => begun.length === 2);
});

it('stops what is under way with itself, which is no fault', async () => {
  start('go', 'java');
  await until('the first to begin', () => begun.length === 1);
  stop.abort();
  await running;
  expect(begun).toEqual(['go']);
  expect(faults).toEqual([]);
});

it('leaves nothing on the signal that tells it to stop, however often it looks', async () => {
  start();
  for (let look = 1; look <= 3; look++) {
    await eventually('a look', () => looks === look && clock.sleeping === 1);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await clock.advance(5_000);
  }
});
