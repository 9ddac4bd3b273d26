import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Message, Undeliverable } from '#core';
import { ACK, encodeMessage, Unavailable } from '#core';
import { aMessage, eventually, Gate, Inbox, sampleEncryption, TcpProxy } from '#testing';
import { describeWithServer } from '../../../../test/setup/real-servers.js';
import { SystemClock } from '../../clock/index.js';
import { Broker } from './broker.test-kit.js';
import type { RabbitBusOptions } from './rabbit-bus.js';
import { RabbitBus } from './rabbit-bus.js';
import { HEADERS } from './rabbit-message.js';

describeWithServer(['RABBITMQ_URL'], 'RabbitBus under faults', ({ RABBITMQ_URL: url = '' }) => {
  const clock = new SystemClock();
  const encryption = sampleEncryption();
  let broker: Broker;
  let proxy: TcpProxy;
  let lines: string[];
  const buses: RabbitBus[] = [];

  beforeEach(async () => {
    broker = await Broker.connect(url);
    proxy = await TcpProxy.start(url);
    lines = [];
  });
  afterEach(async () => {
    proxy.thaw();
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await proxy.down();
    await broker.dispose();
  });

  function start(options: Partial<RabbitBusOptions> = {}): RabbitBus {
    const bus = new RabbitBus({
      url: proxy.url(url),
      clock,
      encryption,
      prefix: broker.prefix,
      firstPauseMs: 20,
      longestPauseMs: 200,
      print: (line) => lines.push(line),
      ...options,
    });
    buses.push(bus);
    bus.start();
    return bus;
  }

  async function started(options: Partial<RabbitBusOptions> = {}): Promise<RabbitBus> {
    const bus = start(options);
    await bus.keeper.connected();
    return bus;
  }

  const lost = (bus: RabbitBus): Promise<unknown> =>
    eventually('the loss to be noticed', () => bus.keeper.state === 'connecting');

  it('starts without its server, refuses at once, and goes to work when the server comes', async () => {
    await proxy.down();
    const bus = start();
    const inbox = new Inbox();
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    expect(bus.ready()).toBe(false);
    await expect(bus.publish(aMessage('SPEC'))).rejects.toThrow(Unavailable);
    await eventually('an attempt', () => lines.includes('⏳ Trying to reconnect RabbitMQ in 0.02s...'));
    await proxy.up();
    await bus.keeper.connected();
    expect(bus.ready()).toBe(true);
    expect(lines.at(-1)).toBe('✅ RabbitMQ connected successfully!');
    await bus.publish(aMessage('SPEC'));
    await inbox.count(1);
  });

  it.each([3, 5, 7])('leaves no line of an attempt that it gave up, silent after %d pieces', async (pieces) => {
    proxy.muteAfter(pieces);
    const bus = start({ attemptMs: 400, firstPauseMs: 60_000, longestPauseMs: 60_000 });
    await eventually('an attempt given up', () => lines.some((line) => line.startsWith('⏳')));
    await eventually('its lines to be cut', () => proxy.lines === 0);
    await bus.close();
  });

  it('keeps no data of a message where they can be read, and gives out none that were not encrypted for it', async () => {
    const bus = await started();
    const message = { ...aMessage('SCHEDULER_PROCESS_RESPONSE'), data: { answer: 's3cret' } };
    await bus.publish(message);
    const queue = broker.topology.queues.SCHEDULER_PROCESS_RESPONSE;
    const kept = await eventually('the message', () => broker.channel.get(queue));
    const text = kept.content.toString();
    expect(text).not.toContain('s3cret');
    broker.channel.nack(kept);
    const inbox = new Inbox();
    await bus.consume('SCHEDULER_PROCESS_RESPONSE', { prefetch: 1 }, inbox.handler);
    await inbox.count(1);
    expect(inbox.received[0]).toMatchObject({ data: { answer: 's3cret' } });
    const moved = text.replace(message.traceId, aMessage('SPEC').traceId);
    await broker.send('SCHEDULER_PROCESS_RESPONSE', moved);
    await broker.send('SCHEDULER_PROCESS_RESPONSE', encodeMessage(message));
    const letters = await eventually('both to be given up', async () => {
      const all = await broker.deadLetters();
      return all.length === 2 && all;
    });
    expect(letters.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('bytes that were changed, or belong elsewhere'),
      expect.stringContaining('a plain one'),
    ]);
  });

  it('refuses at once in an outage, what is under way included, and is not ready until it is over', async () => {
    const bus = await started();
    proxy.freeze();
    const underWay = bus.publish(aMessage());
    expect(bus.ready()).toBe(true);
    const start = performance.now();
    await Promise.all([expect(underWay).rejects.toThrow(Unavailable), proxy.down()]);
    expect(bus.ready()).toBe(false);
    await expect(bus.publish(aMessage())).rejects.toThrow('Expected a connection to RabbitMQ, got none.');
    expect(performance.now() - start).toBeLessThan(1_000);
    proxy.thaw();
    await proxy.up();
    await bus.keeper.connected();
    expect(bus.ready()).toBe(true);
    await bus.publish(aMessage());
  });

  it('loses nothing that was confirmed while its lines are cut again and again', async () => {
    const bus = await started();
    const inbox = new Inbox();
    await bus.consume('SCHEDULER_PROCESS', { prefetch: 20 }, inbox.handler);
    const confirmed: Message[] = [];
    let refused = 0;
    for (let round = 0; round < 5; round += 1) {
      const publishing = Array.from({ length: 300 }, async () => {
        const message = aMessage();
        await bus.publish(message).then(
          () => confirmed.push(message),
          () => (refused += 1),
        );
      });
      await eventually('some confirms', () => confirmed.length + refused > round * 300 + 10);
      proxy.cut();
      await Promise.all(publishing);
      await lost(bus);
      await bus.keeper.connected();
    }
    await eventually('each confirmed message', () => {
      const came = new Set(inbox.received.map((message) => message.traceId));
      return confirmed.every((message) => came.has(message.traceId));
    });
    expect(confirmed.length + refused).toBe(1_500);
    expect(inbox.most).toBeLessThanOrEqual(20);
  });

  it('leaves the message of a handler that outlived its connection to the next, within the same slots', async () => {
    const bus = await started();
    const gates = [new Gate(), new Gate()];
    const inbox = new Inbox(async (_, time) => {
      await gates[time - 1]!.opened;
      return ACK;
    });
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await bus.publish(aMessage('SPEC'));
    await inbox.count(1);
    proxy.cut();
    await lost(bus);
    await bus.keeper.connected();
    await bus.publish(aMessage('SPEC_UPDATE'));
    expect(inbox.running).toBe(1);
    gates[0]!.open();
    await inbox.count(2);
    expect(await broker.ready('SPEC')).toBe(0);
    gates[1]!.open();
    await eventually('the second handler to end', () => inbox.running === 0);
    await bus.close();
    expect(await broker.ready('SPEC')).toBe(0);
    expect(inbox.received).toHaveLength(2);
    expect(inbox.most).toBe(1);
  });

  it('stays paused over a reconnect, and goes on at resume', async () => {
    const bus = await started();
    const inbox = new Inbox();
    const subscription = await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await subscription.pause();
    proxy.cut();
    await lost(bus);
    await bus.keeper.connected();
    await bus.publish(aMessage('SPEC'));
    expect(await broker.ready('SPEC')).toBe(1);
    expect(inbox.received).toEqual([]);
    await subscription.resume();
    await inbox.count(1);
  });

  it('refuses in time, then at once, what a silent broker does not confirm, and goes on when it speaks', async () => {
    const bus = await started({ confirmMs: 100 });
    proxy.freeze();
    await expect(bus.publish(aMessage())).rejects.toThrow(Unavailable);
    const probe = bus.publish(aMessage());
    await expect(bus.publish(aMessage())).rejects.toThrow('got no confirm in time');
    await expect(probe).rejects.toThrow(Unavailable);
    proxy.thaw();
    await eventually('a confirm', () =>
      bus.publish(aMessage()).then(
        () => true,
        () => false,
      ),
    );
    await Promise.all([bus.publish(aMessage()), bus.publish(aMessage())]);
  });

  it('gives up a connection without a sign of life', async () => {
    const bus = await started({ heartbeatSeconds: 1 });
    proxy.freeze();
    await lost(bus);
    expect(bus.keeper.lastError).toBe('Heartbeat timeout');
    proxy.thaw();
    await bus.keeper.connected();
    await bus.publish(aMessage());
  });

  it('holds a bounded number of unconfirmed messages', async () => {
    const bus = await started({ maxUnconfirmed: 10 });
    proxy.freeze();
    const first = Promise.all(Array.from({ length: 10 }, () => bus.publish(aMessage())));
    await expect(bus.publish(aMessage())).rejects.toThrow('Expected at most 10 unconfirmed messages, got 10');
    proxy.thaw();
    await first;
    await bus.publish(aMessage());
  });

  it('refuses a message that the queue has no room for', async () => {
    const bus = await started({ maxWaiting: 3 });
    await eventually('a refusal', () =>
      bus.publish(aMessage()).then(
        () => false,
        (error: unknown) => error,
      ),
    );
    await bus.publish(aMessage('SPEC'));
  });

  it('does not take a message for sent that no queue took, and declares its queues again', async () => {
    const bus = await started();
    const inbox = new Inbox();
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await broker.channel.deleteQueue(broker.topology.queues.SCHEDULER_PROCESS);
    await expect(bus.publish(aMessage())).rejects.toThrow('Expected a queue for the message, got none.');
    await lost(bus);
    await bus.keeper.connected();
    await bus.publish(aMessage());
    expect(await broker.ready('SCHEDULER_PROCESS')).toBe(1);
    await bus.publish(aMessage('SPEC'));
    await inbox.count(1);
  });

  it('consumes on after its queue was deleted', async () => {
    const bus = await started();
    const inbox = new Inbox();
    let reconnects = 0;
    const observer = { handled: () => undefined, reconnected: () => (reconnects += 1) };
    await bus.consume('SPEC', { prefetch: 1, observer }, inbox.handler);
    await broker.channel.deleteQueue(broker.topology.queues.SPEC);
    await lost(bus);
    expect(bus.keeper.lastError).toContain('its queue is gone');
    await bus.keeper.connected();
    await bus.publish(aMessage('SPEC'));
    await inbox.count(1);
    expect(reconnects).toBe(1);
  });

  it('recovers from a channel that the broker closed, with the message still to be settled', async () => {
    const bus = await started();
    const inbox = new Inbox(() => ({ kind: 'dead', reason: 'No good.' }));
    await broker.channel.deleteExchange(broker.topology.dead);
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await bus.publish(aMessage('SPEC'));
    const letters = await eventually('the dead letter', async () => {
      const found = await broker.deadLetters();
      return found.length > 0 && found;
    });
    expect(letters.map((letter) => letter.reason)).toEqual(['No good.']);
    expect(inbox.received.length).toBeGreaterThan(1);
  });

  it('makes a dead letter of a message that its workers do not survive', async () => {
    const bus = await started({ deliveryLimit: 2 });
    const inbox = new Inbox(async () => {
      proxy.cut();
      await lost(bus);
      return ACK;
    });
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    await bus.publish(aMessage('SPEC'));
    const letters = await eventually('the dead letter', async () => {
      const found = await broker.deadLetters();
      return found.length > 0 && found;
    });
    expect(letters.map((letter) => letter.reason)).toEqual(['delivery_limit']);
    expect(inbox.received).toHaveLength(3);
  });

  it('hands over what the broker itself gave up, with its queue, reason and time', async () => {
    const bus = await started({ deliveryLimit: 1 });
    const kept: Undeliverable[] = [];
    await bus.consumeUndeliverable({ prefetch: 1 }, async (undeliverable) => void kept.push(undeliverable));
    const inbox = new Inbox(async () => {
      proxy.cut();
      await lost(bus);
      return ACK;
    });
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    const message = aMessage('SPEC');
    // Not over the line that the handler cuts, perhaps before the confirm has come.
    await broker.send('SPEC', encodeMessage(message));
    await eventually('the dead letter', () => kept.length === 1);
    expect(kept).toMatchObject([{ type: 'SPEC', reason: expect.stringContaining('(delivery_limit)') }]);
    expect(kept[0]?.payload).toContain(message.traceId);
    expect(Math.abs((kept[0]?.at ?? 0) - clock.now())).toBeLessThan(60_000);
  });

  it.each([9, 0])(
    'brings a message of priority %d back to its own queue, and knows its type once dead',
    async (priority) => {
      const bus = await started();
      const kept: Undeliverable[] = [];
      await bus.consumeUndeliverable({ prefetch: 1 }, async (undeliverable) => void kept.push(undeliverable));
      const inbox: Inbox = new Inbox(async () => {
        return inbox.received.length === 1 ? { kind: 'retry', afterMs: 300 } : { kind: 'dead', reason: 'given up' };
      });
      const subscription = await bus.consume('SCHEDULER_PROCESS', { prefetch: 1 }, inbox.handler);
      await bus.publish(aMessage(), { priority, rank: -7 });
      await inbox.count(1);
      await subscription.pause();
      const band = broker.topology.bands[priority > 5 ? 'high' : 'low'];
      await eventually('it to come back', async () => (await broker.channel.checkQueue(band)).messageCount === 1);
      const waiting = await broker.channel.get(band);
      expect(waiting && waiting.properties.headers?.[HEADERS.rank]).toBe(-7);
      if (waiting) broker.channel.nack(waiting);
      await subscription.resume();
      await eventually('the dead letter', () => kept.length === 1);
      expect(kept).toMatchObject([{ type: 'SCHEDULER_PROCESS', reason: 'given up' }]);
    },
  );

  it('closes in time while its broker is silent', async () => {
    const bus = await started();
    const inbox = new Inbox();
    await bus.consume('SPEC', { prefetch: 1 }, inbox.handler);
    proxy.freeze();
    await bus.close();
    expect(bus.keeper.state).toBe('closed');
    await eventually('its lines to be closed', () => proxy.lines === 0 || (proxy.thaw(), false));
  });

  it('starts several at once on queues that are not there yet', async () => {
    const several = await Promise.all([started(), started(), started(), started()]);
    await Promise.all(several.map((bus) => bus.publish(aMessage('SPEC'))));
    expect(await broker.ready('SPEC')).toBe(4);
    expect(lines).toEqual(Array.from({ length: 4 }, () => '✅ RabbitMQ connected successfully!'));
  });

  it('tells of a refused login without its password', async () => {
    const wrong = new URL(proxy.url(url));
    wrong.password = 'hunter2';
    const failures: unknown[] = [];
    const bus = start({ url: wrong.href, onFailure: (error) => failures.push(error) });
    await eventually('a failure', () => failures.length > 0);
    expect(bus.keeper.lastError).toContain('ACCESS_REFUSED');
    expect(JSON.stringify(failures) + String(failures[0]) + bus.address).not.toContain('hunter2');
    expect(bus.address).toMatch(/^amqp:\/\/127\.0\.0\.1:\d+$/);
  });
});
