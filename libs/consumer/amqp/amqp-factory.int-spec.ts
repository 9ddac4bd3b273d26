import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import type { Channel, ChannelModel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, Gate, runConsumerConformance, TcpProxy } from '#testing';
import { describeWithServer } from '../../../test/setup/real-servers.js';
import { ACK, ConsumerBuilder } from '../index.js';
import { AmqpConsumerFactory } from './amqp-factory.js';

/** As anybody would use it: a plain queue, and nothing of Callboard's. */
describeWithServer(['RABBITMQ_URL'], 'The consumer component on RabbitMQ', ({ RABBITMQ_URL: url = '' }) => {
  let model: ChannelModel;
  let channel: Channel;
  let queue: string;
  beforeAll(async () => {
    model = await connect(url, { noDelay: true });
    channel = await model.createChannel();
  });
  afterAll(() => model.close());
  beforeEach(async () => {
    queue = `callboard-test-${randomUUID()}`;
    await channel.assertQueue(queue, { durable: true });
  });
  afterEach(async () => {
    await channel.deleteQueue(queue);
  });

  function send(value: unknown, headers: object = {}): void {
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(value)), { persistent: true, headers });
  }
  const waiting = async (): Promise<number> => (await channel.checkQueue(queue)).messageCount;

  runConsumerConformance('AmqpConsumer', async () => ({
    factory: new AmqpConsumerFactory({ url, queue }),
    source: queue,
    send: async (value, headers) => send(value, headers),
    waiting,
    dispose: async () => undefined,
  }));

  describe('under faults', () => {
    let proxy: TcpProxy;
    let stop: AbortController;
    let life: Promise<void>;
    beforeEach(async () => {
      proxy = await TcpProxy.start(url);
      stop = new AbortController();
    });
    afterEach(async () => {
      proxy.thaw();
      stop.abort();
      await life.catch(() => undefined);
      await proxy.down();
    });

    it('goes on over a connection that is cut, and loses no message', async () => {
      const seen: unknown[] = [];
      let reconnects = 0;
      const component = ConsumerBuilder.of(
        'letters',
        new AmqpConsumerFactory({ url: proxy.url(url), queue }),
        (message) => void seen.push(message.decode()),
      )
        .withConcurrency(5)
        .withRetries(20, 50)
        .withObserver({ reconnected: () => (reconnects += 1) })
        .build();
      life = component.run(stop.signal);
      for (let round = 1; round <= 3; round += 1) {
        for (let n = 0; n < 50; n += 1) send(round * 100 + n);
        await eventually('some of them', () => seen.length > 0);
        proxy.cut();
        await eventually('a new connection', () => reconnects === round);
      }
      await eventually('all of them', () => new Set(seen).size === 150);
      await eventually('an empty queue', async () => (await waiting()) === 0);
    });

    it('does not settle over a new connection what an old one brought', async () => {
      const gate = new Gate();
      let runs = 0;
      const factory = new AmqpConsumerFactory({ url: proxy.url(url), queue });
      const component = ConsumerBuilder.of('letters', factory, async () => {
        runs += 1;
        if (runs === 1) await gate.opened;
      })
        .withRetries(20, 20)
        .build();
      life = component.run(stop.signal);
      send('a');
      await eventually('the message', () => runs === 1);
      proxy.cut();
      await component.started();
      gate.open();
      await eventually('the message again', () => runs === 2);
      stop.abort();
      await life;
      expect(await waiting()).toBe(0);
    });

    it('gives up when the broker stays away for longer than its retries', async () => {
      await proxy.down();
      const factory = new AmqpConsumerFactory({ url: proxy.url(url), queue });
      const component = ConsumerBuilder.of('letters', factory, () => undefined)
        .withRetries(2, 10)
        .build();
      life = component.run(stop.signal);
      await expect(life).rejects.toThrow('Expected a consumer for letters, got none after 2 retries');
      await proxy.up();
    });

    it('closes in time while its broker is silent', async () => {
      const factory = new AmqpConsumerFactory({ url: proxy.url(url), queue });
      const component = ConsumerBuilder.of('letters', factory, () => undefined).build();
      life = component.run(stop.signal);
      await component.started();
      proxy.freeze();
      stop.abort();
      await life;
    });
  });

  it('hands over by rank what it fetched of several queues, and gives the rest of each back', async () => {
    const other = `${queue}-other`;
    await channel.assertQueue(other);
    const seen: [unknown, string][] = [];
    const gate = new Gate();
    const component = ConsumerBuilder.of(
      'letters',
      new AmqpConsumerFactory({
        url,
        queue: [queue, other],
        rank: ({ properties }) => Number(properties.headers?.rank),
      }),
      async (message) => {
        seen.push([message.decode(), message.source]);
        await gate.opened;
      },
    )
      .withConcurrency(2)
      .build();
    const stop = new AbortController();
    const life = component.run(stop.signal);
    await component.started();
    for (const held of [-2, -1]) send(held, { rank: held });
    await eventually('both slots taken', () => seen.length === 2);
    for (const rank of [3, 2]) send(rank, { rank });
    for (const rank of [4, 1]) channel.sendToQueue(other, Buffer.from(`${rank}`), { headers: { rank } });
    await eventually(
      'all fetched',
      async () => (await waiting()) + (await channel.checkQueue(other)).messageCount === 0,
    );
    await channel.checkQueue(queue);
    await component.pause();
    await eventually('those of one queue again', async () => (await waiting()) === 2);
    await eventually('those of the other', async () => (await channel.checkQueue(other)).messageCount === 2);
    await component.resume();
    await eventually(
      'all fetched',
      async () => (await waiting()) + (await channel.checkQueue(other)).messageCount === 0,
    );
    gate.open();
    await eventually('all', () => seen.length === 6);
    expect(seen.slice(2)).toEqual([
      [1, other],
      [2, queue],
      [3, queue],
      [4, other],
    ]);
    stop.abort();
    await life;
    await channel.deleteQueue(other);
  });

  it('declares its queue where it is told how, and makes dead letters of what fails', async () => {
    const own = `${queue}-own`;
    const dead = `${queue}-dead`;
    await channel.assertQueue(dead);
    const factory = new AmqpConsumerFactory({
      url,
      queue: own,
      requeue: false,
      prepare: (prepared) => prepared.assertQueue(own, { deadLetterExchange: '', deadLetterRoutingKey: dead }),
    });
    const stop = new AbortController();
    const component = ConsumerBuilder.of('letters', factory, () => {
      throw new Error('out of luck');
    })
      .withFailureStrategy({ ...ACK, name: 'Bury', settle: (message) => message.nack() })
      .build();
    const life = component.run(stop.signal);
    await component.started();
    channel.sendToQueue(own, Buffer.from('{}'));
    await eventually('a dead letter', async () => (await channel.checkQueue(dead)).messageCount === 1);
    stop.abort();
    await life;
    await channel.deleteQueue(own);
    await channel.deleteQueue(dead);
  });
});
