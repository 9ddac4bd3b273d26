import { InvalidInput } from '#core';

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
