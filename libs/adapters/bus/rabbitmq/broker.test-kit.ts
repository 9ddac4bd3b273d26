import type { Channel, ChannelModel } from 'amqplib';
import { connect } from 'amqplib';
import type { MessageType } from '#core';
import { newTraceId } from '#core';
import { HEADERS } from './rabbit-message.js';
import { topologyOf } from './topology.js';

/** A test's own view of a real broker, on queues that nobody else uses. */
export class Broker {
  readonly prefix = `callboard-test-${newTraceId()}`;
  readonly topology = topologyOf(this.prefix);
  private readonly letters: { reason: string; payload: string }[] = [];

  private constructor(
    private readonly model: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async connect(url: string): Promise<Broker> {
    const model = await connect(url, { noDelay: true });
    return new Broker(model, await model.createChannel());
  }

  async send(type: MessageType, text: string): Promise<void> {
    this.channel.sendToQueue(this.topology.queues[type], Buffer.from(text), { persistent: true });
  }

  /** How many messages of a type are ready to be given out. */
  async ready(type: MessageType): Promise<number> {
    return (await this.channel.checkQueue(this.topology.queues[type])).messageCount;
  }

  /** The dead letters so far; the reason is ours or, when the broker gave the message up, the broker's. */
  async deadLetters(): Promise<{ reason: string; payload: string }[]> {
    for (;;) {
      const letter = await this.channel.get(this.topology.dead, { noAck: true });
      if (!letter) return this.letters;
      const headers = letter.properties.headers ?? {};
      this.letters.push({
        reason: String(headers[HEADERS.reason] ?? headers['x-first-death-reason']),
        payload: letter.content.toString(),
      });
    }
  }

  async dispose(): Promise<void> {
    const { queues, bands, dead, retries } = this.topology;
    const withExchange = [dead, ...retries.map((lane) => lane.name)];
    for (const name of [...Object.values(queues), ...Object.values(bands), ...withExchange])
      await this.channel.deleteQueue(name);
    for (const name of withExchange) await this.channel.deleteExchange(name);
    await this.model.close();
  }
}
