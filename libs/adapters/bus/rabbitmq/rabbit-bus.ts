import type { ChannelModel } from 'amqplib';
import { AmqpConsumer, openAmqpConnection } from '#consumer';
import type { AmqpConnection, AmqpConsumerOptions, AmqpMessage, Consumer, ConsumerFactory } from '#consumer';
import type {
  Clock,
  ConsumeOptions,
  Message,
  MessageHandler,
  MessageType,
  Subscription,
  Undeliverable,
  Urgency,
} from '#core';
import { encodeMessage, MessageBus, rankOf, usualUrgency } from '#core';
import type { Encryption } from '#encryption';
import type { Connection } from '../../connection/index.js';
import { ConnectionKeeper, within, withoutCredentials } from '../../connection/index.js';
import { ComponentSubscription } from '../component-subscription.js';
import type { FaultPolicy } from '../message-component.js';
import { messageComponent } from '../message-component.js';
import { sealMessage } from '../message-data.js';
import { undeliverableComponent } from '../undeliverable-component.js';
import { amqpUrl } from './amqp-url.js';
import { LinkHolder } from './link-holder.js';
import type { PublisherOptions } from './publisher.js';
import { Publisher } from './publisher.js';
import { HEADERS, RabbitMessage, sentRank } from './rabbit-message.js';
import type { Topology, TopologyOptions } from './topology.js';
import { declareTopology, isRanked, queueOf, queuesOf, topologyOf } from './topology.js';
import { traceHeaders } from './trace-headers.js';
import { UndeliverableMessage } from './undeliverable-message.js';

export interface RabbitBusOptions extends FaultPolicy, TopologyOptions, PublisherOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. */
  readonly url: string;
  readonly clock: Clock;
  /** What the data of messages are encrypted with. */
  readonly encryption: Encryption;
  /** Seconds between signs of life (10); after two or three without one the connection is given up. */
  readonly heartbeatSeconds?: number | undefined;
  /** Takes the lines for people about the connection. */
  readonly print?: ((line: string) => void) | undefined;
  /** Told why there is no connection. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Told of each message that a handler gave up, or that could not be decoded. */
  readonly onDeadLetter?: ((letter: Undeliverable) => void) | undefined;
  /** Pauses between attempts to connect, in milliseconds (2,000 doubling up to 30,000). */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
  /** How long one attempt to connect may take, in milliseconds (10,000). */
  readonly attemptMs?: number | undefined;
}

/** What a consumer gets, and in which order. */
type Source<M extends AmqpMessage> = Pick<AmqpConsumerOptions<M>, 'queues' | 'rank' | 'messageOf'>;

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
  private readonly subscriptions = new Map<MessageType | 'undeliverable', Subscription>();
  private readonly links = new LinkHolder();
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
    const content = Buffer.from(encodeMessage(sealMessage(message, this.options.encryption)));
    const routingKey = queueOf(this.topology, message.type, urgency.priority);
    const rank = isRanked(message.type) ? { [HEADERS.rank]: urgency.rank } : undefined;
    const headers = { ...traceHeaders(message.traceContext), ...rank };
    await this.publisher.send({ exchange: '', routingKey, content, headers });
  }

  override room(): number {
    return this.publisher.room;
  }

  override ready(): boolean {
    return this.publisher.refusal() === null;
  }

  async consume(type: MessageType, consume: ConsumeOptions, handler: MessageHandler): Promise<Subscription> {
    if (this.subscriptions.has(type)) throw new Error(`Expected one consumer of ${type} messages, got a second.`);
    const { topology, publisher } = this;
    const { clock, encryption, onDeadLetter } = this.options;
    const context = { type, clock, topology, publisher, encryption, onDeadLetter };
    const factory = this.factoryOf({
      queues: queuesOf(topology, type),
      // What has none, from a worker of before or by hand, goes as if it had been due just now.
      rank: isRanked(type) ? (delivery) => sentRank(delivery) ?? rankOf({ dueAt: clock.now() }) : undefined,
      messageOf: (delivery, line) => new RabbitMessage(delivery, line, context),
    });
    return this.subscribe(type, messageComponent({ ...this.options, type, factory, handler, consume }));
  }

  async consumeUndeliverable(
    { prefetch }: Pick<ConsumeOptions, 'prefetch'>,
    keep: (undeliverable: Undeliverable, signal: AbortSignal) => Promise<void>,
  ): Promise<Subscription> {
    if (this.subscriptions.has('undeliverable')) {
      throw new Error('Expected one consumer of undeliverable messages, got a second.');
    }
    const { topology } = this;
    const { encryption } = this.options;
    const factory = this.factoryOf({
      queues: topology.dead,
      messageOf: (delivery, line) => new UndeliverableMessage(delivery, line, topology, encryption),
    });
    const { clock } = this.options;
    return this.subscribe('undeliverable', undeliverableComponent({ factory, prefetch, keep, clock }));
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

  /** Starts a component; where there is a connection, it resolves when that consumes. */
  private async subscribe(
    name: MessageType | 'undeliverable',
    component: ConstructorParameters<typeof ComponentSubscription>[0] & { started(): Promise<void> },
  ): Promise<Subscription> {
    const subscription = new ComponentSubscription(component, () => this.subscriptions.delete(name));
    this.subscriptions.set(name, subscription);
    const { current } = this.links;
    if (current) await Promise.race([component.started(), current.lost]);
    return subscription;
  }

  private factoryOf<M extends AmqpMessage>(source: Source<M>): ConsumerFactory<M> {
    return { create: (signal) => this.openConsumer(source, signal) };
  }

  /** Waits for a connection, for as long as there is none. */
  private async openConsumer<M extends AmqpMessage>(source: Source<M>, signal: AbortSignal): Promise<Consumer<M>> {
    const link = await this.links.next(signal);
    try {
      const model = await link.incoming();
      const channel = await model.createChannel();
      const pauses = this.options.clock;
      const consumer = new AmqpConsumer<M>({ ...source, channel, pauses, onLost: link.fail });
      void link.lost.then((reason) => consumer.lose(reason));
      return consumer;
    } catch (error) {
      link.fail(error);
      throw error;
    }
  }

  /** An attempt that was given up must not touch what a later one has set up: it looks at `signal` after each wait. */
  private async connect(signal: AbortSignal): Promise<Connection> {
    const open: AmqpConnection[] = [];
    let tellLoss: (reason: unknown) => void = () => undefined;
    const lost = new Promise<unknown>((resolve) => (tellLoss = resolve));
    const drop = (): void => {
      if (this.links.drop(link)) this.publisher.detach();
    };
    // Nobody may take up a link again that has failed, however long its end takes.
    const fail = (reason: unknown): void => {
      drop();
      tellLoss(reason);
    };
    const openOne = async (name: string): Promise<ChannelModel> => {
      const connection = await openAmqpConnection({ url: this.url, name, pauses: this.options.clock });
      open.push(connection);
      // Given up while it was being opened: nobody else would ever close it.
      if (signal.aborted) await connection.close();
      signal.throwIfAborted();
      void connection.lost.then((reason) => fail(reason ?? new Error('RabbitMQ closed the connection.')));
      return connection.model;
    };
    let incoming: Promise<ChannelModel> | undefined;
    const link = { lost, fail, incoming: () => (incoming ??= openOne('callboard: consuming')) };
    const close = async (): Promise<void> => {
      fail(new Error('The connection to RabbitMQ was closed.'));
      await Promise.all(open.map((connection) => connection.close()));
    };
    // A broker that falls silent half-way answers nothing: only an end of its lines ends the wait.
    signal.addEventListener('abort', () => void close(), { once: true });
    try {
      const outgoing = await openOne('callboard: publishing');
      const channel = await outgoing.createConfirmChannel();
      // Without a listener the error of a channel ends the process.
      channel.on('error', fail);
      await declareTopology(channel, this.topology, this.options);
      signal.throwIfAborted();
      this.publisher.attach(outgoing, channel, fail);
      this.links.hold(link);
      return { lost, close };
    } catch (error) {
      await close();
      throw error;
    }
  }
}
