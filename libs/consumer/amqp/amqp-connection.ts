import type { Socket } from 'node:net';
import type { ChannelModel } from 'amqplib';
import type { Pauses } from '../time.js';
import { within } from '../time.js';

/** How long a broker may take to say goodbye before the line is cut, in milliseconds. */
const GOODBYE_MS = 2_000;

/** An established connection. */
export interface AmqpConnection {
  readonly model: ChannelModel;
  /** Resolves, with the reason if there is one, when the connection is gone. Never rejects. */
  readonly lost: Promise<unknown>;
  /** Ends it in bounded time. Safe on one that is lost. */
  close(): Promise<void>;
}

export interface AmqpConnectionOptions {
  /** `amqp://user:password@host:port/vhost?heartbeat=seconds`, or `amqps:`. */
  readonly url: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly pauses: Pauses;
}

/** Opens one connection. Its loss comes through `lost`, never as an unhandled event. */
export async function openAmqpConnection(options: AmqpConnectionOptions): Promise<AmqpConnection> {
  const { url, name, pauses } = options;
  // Only those that speak to a broker pay for the library.
  const { connect } = await import('amqplib');
  const model = await connect(url, {
    noDelay: true,
    keepAlive: true,
    timeout: 10_000,
    clientProperties: { connection_name: name },
  });
  let reason: unknown;
  model.on('error', (error) => (reason ??= error));
  const lost = new Promise<unknown>((resolve) => model.on('close', (error?: Error) => resolve(reason ?? error)));
  return {
    model,
    lost,
    close: async () => {
      await within(pauses, GOODBYE_MS, Promise.race([model.close().catch(() => undefined), lost]));
      // The library ends its half and then waits for the peer's, however long that is silent; told of an error, it
      // also closes its channels and stops its heartbeat.
      (model.connection as unknown as { stream: Socket }).stream.destroy(new Error('The line to RabbitMQ was cut.'));
    },
  };
}
