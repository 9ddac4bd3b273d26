import type { ChannelModel } from 'amqplib';
import type { Clock, ConsumeOptions, Message, MessageHandler, MessageType, Subscription, Urgency } from '#core';
import { encodeMessage, MessageBus, usualUrgency } from '#core';
import type { Connection } from '../../connection/index.js';
import { ConnectionKeeper, within, withoutCredentials } from '../../connection/index.js';
import type { DeadLetter } from '../dead-letter.js';
import type { FaultPolicy } from '../dispatcher.js';
import type { AmqpConnection } from './amqp-connection.js';
import { amqpUrl, openAmqpConnection, watchChannel } from './amqp-connection.js';
import type { PublisherOptions } from './publisher.js';
import { Publisher } from './publisher.js';
import { HEADERS, RabbitSubscription } from './subscription.js';
import type { Topology, TopologyOptions } from './topology.js';
import { declareTopology, queueOf, topologyOf } from './topology.js';

export interface RabbitBusOptions extends FaultPolicy, TopologyOptions, PublisherOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. */
  readonly url: string;
  readonly clock: Clock;
  /** Seconds between signs of life (10); after two or three without one the connection is given up. */
  readonly heartbeatSeconds?: number | undefined;
  /** Takes the lines for people about the connection. */
  readonly print?: ((line: string) => void) | undefined;
  /** Told why there is no connection. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Told of each message that a handler gave up, or that could not be decoded. */
  readonly onDeadLetter?: ((letter: DeadLetter) => void) | undefined;
  /** Pauses between attempts to connect, in milliseconds (2,000 doubling up to 30,000). */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
  /** How long one attempt to connect may take, in milliseconds (10,000). */
  readonly attemptMs?: number | undefined;
}

/** An established pair of connections. */
interface Link {
  /** The connection for consumers, opened when there is one. */
  readonly incoming: () => Promise<ChannelModel>;
  readonly fail: (reason: unknown) => void;
}

/**
 * The bus on RabbitMQ. It publishes and consumes over two connections, since a broker short of memory stops reading
 * from those that publish, and acknowledgements must still get through. Whatever breaks, a channel or a connection,
 * leads to one thing: both are opened anew, what is declared is declared again, and consumers go on.
 */
export class RabbitBus extends MessageBus {
  /** The connection's state, for health. */
  readonly keeper: ConnectionKeeper;
  /** Where the broker is, without credentials. */
  readonly address: string;
  private readonly url: string;
  private readonly topology: Topology;
  private readonly publisher: Publisher;
  private readonly subscriptions = new Map<MessageType, RabbitSubscription>();
  private link: Link | undefined;
  private closing: Promise<void> | undefined;

  /** Connects only at `start`. @throws InvalidInput for an address or a prefix that cannot be. */
  constructor(private readonly options: RabbitBusOptions) {
    super();
    const { url, heartbeatSeconds = 10, prefix } = options;
    this.url = amqpUrl(url, heartbeatSeconds);
    this.address = withoutCredentials(url);
    this.topology = topologyOf(prefix);
    this.publisher = new Publisher(options);
    this.keeper = new ConnectionKeeper({ ...options, name: 'RabbitMQ', connect: (signal) => this.connect(signal) });
  }

  /** Begins to connect, and returns at once. */
  start(): void {
    this.keeper.start();
  }

  async publish(message: Message, urgency: Urgency = usualUrgency(message)): Promise<void> {
    const content = Buffer.from(encodeMessage(message));
    const routingKey = queueOf(this.topology, message.type, urgency.priority);
    const isRanked = message.type === 'SCHEDULER_PROCESS';
    await this.publisher.send({
      ...{ exchange: '', routingKey, content },
      ...(isRanked && { headers: { [HEADERS.rank]: urgency.rank } }),
    });
  }

  override room(): number {
    return this.publisher.room;
  }

  override ready(): boolean {
    return this.publisher.refusal() === null;
  }

  async consume(type: MessageType, options: ConsumeOptions, handler: MessageHandler): Promise<Subscription> {
    if (this.subscriptions.has(type)) throw new Error(`Expected one consumer of ${type} messages, got a second.`);
    const subscription = new RabbitSubscription({
      ...this.options,
      type,
      prefetch: options.prefetch,
      handler,
      topology: this.topology,
      publisher: this.publisher,
      onClosed: () => this.subscriptions.delete(type),
    });
    this.subscriptions.set(type, subscription);
    const { link } = this;
    if (link) await this.attach(subscription, link).catch(link.fail);
    return subscription;
  }

  /**
   * Closes the subscriptions, waits for their handlers and for outstanding confirms, and disconnects. Safe to call
   * twice.
   */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    await Promise.all([...this.subscriptions.values()].map((subscription) => subscription.close()));
    await within(this.options.clock, 5_000, this.publisher.flushed());
    this.publisher.close();
    await this.keeper.close();
  }

  /** An attempt that was given up must not touch what a later one has set up: it looks at `signal` after each wait. */
  private async connect(signal: AbortSignal): Promise<Connection> {
    const open: AmqpConnection[] = [];
    let fail: (reason: unknown) => void = () => undefined;
    const lost = new Promise<unknown>((resolve) => (fail = resolve));
    const openOne = async (name: string): Promise<ChannelModel> => {
      const connection = await openAmqpConnection({ url: this.url, name, clock: this.options.clock });
      open.push(connection);
      // Given up while it was being opened: nobody else would ever close it.
      if (signal.aborted) await connection.close();
      signal.throwIfAborted();
      void connection.lost.then((reason) => fail(reason ?? new Error('RabbitMQ closed the connection.')));
      return connection.model;
    };
    let incoming: Promise<ChannelModel> | undefined;
    const link: Link = { fail, incoming: () => (incoming ??= openOne('callboard: consuming')) };
    const close = async (): Promise<void> => {
      if (this.link === link) this.dropLink();
      await Promise.all(open.map((connection) => connection.close()));
    };
    // A broker that falls silent half-way answers nothing: only an end of its lines ends the wait.
    signal.addEventListener('abort', () => void close(), { once: true });
    try {
      const outgoing = await openOne('callboard: publishing');
      const channel = await outgoing.createConfirmChannel();
      watchChannel(channel, fail);
      await declareTopology(channel, this.topology, this.options);
      signal.throwIfAborted();
      this.link = link;
      this.publisher.attach(outgoing, channel, fail);
      await Promise.all([...this.subscriptions.values()].map((subscription) => this.attach(subscription, link)));
      return { lost, close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  private dropLink(): void {
    this.link = undefined;
    this.publisher.detach();
    for (const subscription of this.subscriptions.values()) subscription.detach();
  }

  private async attach(subscription: RabbitSubscription, link: Link): Promise<void> {
    await subscription.attach(await link.incoming(), link.fail);
  }
}
