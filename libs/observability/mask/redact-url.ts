import { maskText } from './mask-text.js';

/**
 * The address of a server without user, password and credential-like query parameters:
 * `amqp://guest:guest@rabbitmq:5672/` as `amqp://rabbitmq:5672/`. Everything up to the last `@` goes, since a
 * password that was not percent-encoded may hold any character.
 */
export function redactUrl(address: string): string {
  return maskText(address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^]*@/i, '$1'));
}
