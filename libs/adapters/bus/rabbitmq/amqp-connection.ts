import type { Socket } from 'node:net';
import type { Channel, ChannelModel } from 'amqplib';
import { connect } from 'amqplib';
import type { Clock } from '#core';
import { InvalidInput } from '#core';
import type { Connection } from '../../connection/index.js';
import { within } from '../../connection/index.js';

/** How long a broker may take to say goodbye before the line is cut, in milliseconds. */
const GOODBYE_MS = 2_000;

export interface AmqpConnection extends Connection {
  readonly model: ChannelModel;
}

export interface AmqpConnectionOptions {
  /** As `amqpUrl` made it. */
  readonly url: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly clock: Clock;
}

/**
 * Checks an address and adds the heartbeat to it, unless it names one itself.
 * @throws InvalidInput when it is no `amqp:` or `amqps:` URL; it repeats nothing of the address.
 */
export function amqpUrl(url: string, heartbeatSeconds: number): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'amqp:' && parsed?.protocol !== 'amqps:') {
    throw new InvalidInput(
      'RABBITMQ_URL_INVALID',
      `Expected the address of RabbitMQ as amqp://host:port/vhost or amqps://…, got ${parsed?.protocol ?? 'no URL'}.`,
    );
  }
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds));
  return parsed.href;
}

/** Opens one connection. Its loss comes through `lost`, never as an unhandled event. */
export async function openAmqpConnection(options: AmqpConnectionOptions): Promise<AmqpConnection> {
  const { url, name, clock } = options;
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
      await within(clock, GOODBYE_MS, Promise.race([model.close().catch(() => undefined), lost]));
      // The library ends its half and then waits for the peer's, however long that is silent; told of an error, it
      // also closes its channels and stops its heartbeat.
      (model.connection as unknown as { stream: Socket }).stream.destroy(new Error('The line to RabbitMQ was cut.'));
    },
  };
}

/**
 * Reports a channel that the broker ends while the connection goes on; without a listener that error would end the
 * process. A channel that ends with its connection says nothing of its own.
 */
export function watchChannel(channel: Channel, onEnd: (reason: unknown) => void): void {
  channel.on('error', onEnd);
}
