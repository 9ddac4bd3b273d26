import { beforeEach, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { ListedProcess } from '#core';
import { Unavailable } from '#core';
import type { ProcessListener } from '#scheduling';
import { eventually, FakeClock, sampleProcess } from '#testing';
import { ProcessEvents } from './process-events.js';

describe('the events of a process', () => {
  let clock: FakeClock;
  let listeners: Set<ProcessListener>;
  let events: ProcessEvents;

  beforeEach(() => {
    clock = new FakeClock();
    listeners = new Set();
    const watch = (_: string, listener: ProcessListener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
    events = new ProcessEvents({ watch }, clock, 2);
  });

  const change = (process: Partial<ListedProcess>) => {
    for (const listener of listeners) listener.changed(sampleProcess(process));
  };
  function read(stream: Readable | null) {
    const got = { text: '', isOver: false };
    stream!.setEncoding('utf8').on('data', (text: string) => (got.text += text));
    stream!.on('close', () => (got.isOver = true));
    return got;
  }
  const eventsIn = (text: string) => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);

  it('come at once, once for each change, with comments between them', async () => {
    const got = read(events.stream(sampleProcess(), undefined));
    change({});
    change({ status: 'IN_PROGRESS', attempt: 1 });
    change({ status: 'IN_PROGRESS', attempt: 1 });
    await eventually('two events', () => eventsIn(got.text).length === 2);
    expect(got.text).toBe(
      [
        'retry: 1000\n\n',
        'event: status\nid: 0.0.1.WAITING\ndata: {"status":"WAITING","message":"The request has been created. It is waiting to be processed.","step":["Received in the API"]}\n\n',
        'event: status\nid: 1.0.1.IN_PROGRESS\ndata: {"status":"IN_PROGRESS","message":"The request is being processed.","step":["Received in the API"]}\n\n',
      ].join(''),
    );
    await clock.advance(30_000);
    await eventually('two comments', () => got.text.endsWith('\n\n:\n\n:\n\n'));
    change({ status: 'SUCCESS', attempt: 1 });
    await eventually('the end', () => got.isOver);
    expect(eventsIn(got.text).at(-1)).toBe('1.0.1.SUCCESS');
    expect([listeners.size, clock.sleeping]).toEqual([0, 0]);
  });

  it('tell when a process is held, and when it is let go', async () => {
    const got = read(events.stream(sampleProcess(), undefined));
    change({ attempt: 1, held: 'paused' });
    change({ attempt: 1, held: 'limit' });
    change({ attempt: 1 });
    await eventually('four events', () => eventsIn(got.text).length === 4);
    expect(eventsIn(got.text)).toEqual([
      '0.0.1.WAITING',
      '1.0.1.WAITING.paused',
      '1.0.1.WAITING.limit',
      '1.0.1.WAITING',
    ]);
    expect(got.text).toContain('"held":"limit"');
    events.stop();
  });

  it('end when the process is removed, when the client is gone, and at the stop', async () => {
    const removed = read(events.stream(sampleProcess(), undefined));
    for (const listener of listeners) listener.gone();
    await eventually('the end', () => removed.isOver);
    const stream = events.stream(sampleProcess(), undefined);
    stream!.destroy();
    await eventually('nobody to watch', () => listeners.size === 0);
    const stopped = read(events.stream(sampleProcess(), undefined));
    events.stop();
    await eventually('the end', () => stopped.isOver);
    expect(clock.sleeping).toBe(0);
    expect(() => events.stream(sampleProcess(), undefined)).toThrow(Unavailable);
  });

  it('end before the next one when who reads them is no longer let in, and at a comment otherwise', async () => {
    let isIn = true;
    const isStillIn = () => Promise.resolve(isIn);
    const [told, silent] = [1, 2].map(() => read(events.stream(sampleProcess(), undefined, isStillIn)));
    change({ status: 'IN_PROGRESS', attempt: 1 });
    await eventually('a second event', () => eventsIn(told!.text).length === 2);
    isIn = false;
    for (const listener of [...listeners].slice(0, 1))
      listener.changed(sampleProcess({ status: 'SUCCESS', attempt: 1 }));
    await eventually('the end', () => told!.isOver);
    expect(eventsIn(told!.text)).toEqual(['0.0.1.WAITING', '1.0.1.IN_PROGRESS']);
    expect(silent!.isOver).toBe(false);
    await clock.advance(15_000);
    await eventually('the end', () => silent!.isOver);
    expect([listeners.size, clock.sleeping]).toEqual([0, 0]);
  });

  it('wait for the next change where nobody can tell who is let in', async () => {
    let isAway = true;
    const isStillIn = () => (isAway ? Promise.reject(new Unavailable('AWAY', 'Away.')) : Promise.resolve(true));
    const got = read(events.stream(sampleProcess(), undefined, isStillIn));
    change({ status: 'IN_PROGRESS', attempt: 1 });
    await clock.advance(15_000);
    await eventually('a comment', () => got.text.endsWith(':\n\n'));
    isAway = false;
    change({ status: 'SUCCESS', attempt: 1 });
    await eventually('the end', () => got.isOver);
    expect(eventsIn(got.text)).toEqual(['0.0.1.WAITING', '1.0.1.SUCCESS']);
  });

  it('tell of the end with the next comment, where nobody could tell who is let in when it came', async () => {
    let isAway = true;
    const isStillIn = () => (isAway ? Promise.reject(new Unavailable('AWAY', 'Away.')) : Promise.resolve(true));
    const got = read(events.stream(sampleProcess(), undefined, isStillIn));
    change({ status: 'SUCCESS', attempt: 1 });
    await clock.advance(15_000);
    await eventually('a comment', () => got.text.endsWith(':\n\n'));
    isAway = false;
    await clock.advance(15_000);
    await eventually('the end', () => got.isOver);
    expect(eventsIn(got.text)).toEqual(['0.0.1.WAITING', '1.0.1.SUCCESS']);
    expect([listeners.size, clock.sleeping]).toEqual([0, 0]);
  });

  it('of one project make room for those of another', async () => {
    const [first, second] = [1, 2].map(() => read(events.stream(sampleProcess(), undefined)));
    const other = read(events.stream(sampleProcess({ project: 'another' }), undefined));
    await eventually('the end', () => first!.isOver);
    expect([second!.isOver, other.isOver]).toEqual([false, false]);
    expect(() => events.stream(sampleProcess({ project: 'another' }), undefined)).toThrow(Unavailable);
    expect(() => events.stream(sampleProcess(), undefined)).toThrow(Unavailable);
    events.stop();
  });

  it('are refused to more clients than may be', async () => {
    const first = events.stream(sampleProcess(), undefined);
    events.stream(sampleProcess(), undefined);
    expect(() => events.stream(sampleProcess(), undefined)).toThrow('Expected at most 2 open event streams');
    first!.destroy();
    await eventually('room', () => listeners.size === 1);
    expect(events.stream(sampleProcess(), undefined)).not.toBeNull();
    events.stop();
  });

  it('gather into the newest for a client that reads too slowly', async () => {
    const stream = events.stream(sampleProcess(), undefined)!;
    for (let attempt = 1; attempt <= 2_000; attempt += 1) change({ status: 'IN_PROGRESS', attempt });
    expect(stream.readableLength).toBeLessThan(64 * 1024);
    const got = read(stream.pipe(new PassThrough()));
    await eventually('the newest', () => eventsIn(got.text).at(-1) === '2000.0.1.IN_PROGRESS');
    expect(eventsIn(got.text).length).toBeLessThan(500);
    change({ status: 'SUCCESS', attempt: 2_001 });
    await eventually('the end', () => eventsIn(got.text).at(-1) === '2001.0.1.SUCCESS');
  });
});
