import type { ConsumeMessage } from 'amqplib';
import { AmqpMessage } from '#consumer';
import type { AmqpLine } from '#consumer';
import type { MessageType, Undeliverable } from '#core';
import { MESSAGE_TYPES } from '#core';
import type { Encryption } from '#encryption';
import { openText } from '../message-data.js';
import { HEADERS } from './rabbit-message.js';
import { queuesOf } from './topology.js';
import type { Topology } from './topology.js';

/** The headers that a broker puts on a message when it gives it up, as far as they are looked at. */
interface Death {
  readonly reason?: unknown;
  readonly queue?: unknown;
  /** Seconds since 1970, as the library gives a timestamp. */
  readonly time?: { readonly value?: unknown } | undefined;
}

/** A message from the queue of dead letters: put there by us, with our headers, or by the broker with its own. */
export class UndeliverableMessage extends AmqpMessage<Undeliverable> {
  constructor(
    delivery: ConsumeMessage,
    line: AmqpLine,
    private readonly topology: Topology,
    private readonly encryption: Encryption,
  ) {
    super(delivery, line);
  }

  override decode(): Undeliverable {
    const { headers } = this.context;
    const payload = openText(this.payload.toString(), this.encryption);
    const reason = headers[HEADERS.reason];
    if (typeof reason === 'string') {
      const at = Date.parse(String(headers[HEADERS.diedAt]));
      return { type: this.typeOf(headers[HEADERS.queue]), reason, payload, at: Number.isNaN(at) ? null : at };
    }
    const [death] = (Array.isArray(headers['x-death']) ? headers['x-death'] : []) as Death[];
    const seconds = death?.time?.value;
    return {
      type: this.typeOf(death?.queue),
      reason: brokersReason(death?.reason),
      payload,
      at: typeof seconds === 'number' ? seconds * 1_000 : null,
    };
  }

  private typeOf(queue: unknown): MessageType | null {
    return (
      MESSAGE_TYPES.find((type) => typeof queue === 'string' && queuesOf(this.topology, type).includes(queue)) ?? null
    );
  }
}

function brokersReason(reason: unknown): string {
  if (reason === 'delivery_limit') {
    return 'Expected a worker that survives the message, got as many that did not as the queue allows (delivery_limit).';
  }
  return `RabbitMQ gave the message up: ${typeof reason === 'string' ? reason : 'it told no reason'}.`;
}
