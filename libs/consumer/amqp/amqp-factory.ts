import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, ConsumerFactory } from '../consumer.js';
import { REAL_PAUSES } from '../time.js';
import type { Pauses } from '../time.js';
import { openAmqpConnection } from './amqp-connection.js';
import { AmqpConsumer } from './amqp-consumer.js';
import { AmqpMessage } from './amqp-message.js';

export interface AmqpFactoryOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`; with `?heartbeat=seconds` a silent broker is found out. */
  readonly url: string;
  /** One queue, or several: a message's `source` tells from which it came. */
  readonly queue: string | readonly string[];
  /**
   * Of what is fetched, over all queues, lower ranks are handed over first; without it all goes as it came. What a broker
   * still has takes its turn there: only what is fetched ahead, from each queue, can be chosen from.
   */
  readonly rank?: ((delivery: ConsumeMessage) => number) | undefined;
  /**
   * Whether a message that is not acknowledged comes again (true). Else the broker drops it, or makes it a dead letter
   * where the queue has an exchange for those.
   */
  readonly requeue?: boolean | undefined;
  /** Shown in the broker's list of connections (the name of the queue, or of the first). */
  readonly name?: string | undefined;
  /** Runs on each new channel before it consumes: the place to declare the queue. */
  readonly prepare?: ((channel: Channel) => Promise<unknown>) | undefined;
  readonly pauses?: Pauses | undefined;
}

/** Makes consumers of one queue of RabbitMQ, or of several, or of another broker that speaks AMQP 0-9-1: a connection each. */
export class AmqpConsumerFactory<Body = unknown> implements ConsumerFactory<AmqpMessage<Body>> {
  constructor(private readonly options: AmqpFactoryOptions) {}

  /** @throws what the library or the broker says when there is no connection, or no such queue. */
  async create(signal: AbortSignal): Promise<Consumer<AmqpMessage<Body>>> {
    const { url, queue: queues, rank, requeue, prepare, pauses = REAL_PAUSES } = this.options;
    const { name = [queues].flat()[0] ?? '' } = this.options;
    const connection = await openAmqpConnection({ url, name, pauses });
    const onAbort = (): void => void connection.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const channel = await connection.model.createChannel();
      const consumer = new AmqpConsumer<AmqpMessage<Body>>({
        channel,
        queues,
        rank,
        messageOf: (delivery, line) => new AmqpMessage<Body>(delivery, line, requeue),
        pauses,
      });
      void connection.lost.then((reason) => consumer.lose(reason ?? new Error('The broker closed the connection.')));
      await prepare?.(channel);
      const close = async (): Promise<void> => {
        await consumer.close();
        await connection.close();
      };
      return { consume: (intake) => consumer.consume(intake), close };
    } catch (error) {
      await connection.close();
      throw error;
    } finally {
      // From here on the component closes what it was given, once its messages are settled.
      signal.removeEventListener('abort', onAbort);
    }
  }
}
