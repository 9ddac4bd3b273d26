import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { Clock } from '#core';
import { Unavailable } from '#core';

/** In how many steps a confirm's time is counted. */
const TICKS = 5;
const NO_CONNECTION = 'a connection to RabbitMQ, got none';

export interface PublisherOptions {
  readonly clock: Clock;
  /** How long the broker may take to confirm a message, in milliseconds (5,000). */
  readonly confirmMs?: number | undefined;
  /** How many messages may be unconfirmed at once (10,000), and how many bytes of them (64 MiB). */
  readonly maxUnconfirmed?: number | undefined;
  readonly maxUnconfirmedBytes?: number | undefined;
}

export interface Parcel {
  /** Empty for the default exchange, which takes `routingKey` as a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly headers?: Readonly<Record<string, string | number>> | undefined;
  /** Milliseconds after which the broker takes the message out of its queue. */
  readonly expiration?: number | undefined;
}

interface Pending {
  readonly tick: number;
  readonly bytes: number;
  /** The broker had no queue for it: its confirm, which comes all the same, is worth nothing. */
  returned: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends messages and waits for the broker's confirms, many at once. It never waits for a connection, and never longer
 * than `confirmMs` for anything: what cannot be sent is refused with Unavailable.
 */
export class Publisher {
  private channel: ConfirmChannel | undefined;
  private blocked = false;
  /** The broker left a confirm out for too long. One message at a time then tries whether it answers again. */
  private stalled = false;
  private readonly pending = new Map<string, Pending>();
  private pendingBytes = 0;
  private readonly flushers: (() => void)[] = [];
  private sent = 0;
  private tick = 0;
  private ticking = false;
  private readonly abort = new AbortController();

  constructor(private readonly options: PublisherOptions) {}

  /** Sends over this channel from now on. `onLost` is told when the channel cannot go on. */
  attach(model: ChannelModel, channel: ConfirmChannel, onLost: (reason: unknown) => void): void {
    channel.on('error', onLost);
    model.on('blocked', () => (this.blocked = true));
    model.on('unblocked', () => (this.blocked = false));
    channel.on('return', (message) => {
      const pending = this.pending.get(String(message.properties.messageId));
      if (pending) pending.returned = true;
      onLost(new Error(`RabbitMQ has no queue for ${message.fields.routingKey}.`));
    });
    this.blocked = false;
    this.stalled = false;
    this.channel = channel;
  }

  /** There is no channel any more: refuses what is not confirmed, and all that comes until the next `attach`. */
  detach(): void {
    this.channel = undefined;
    for (const id of [...this.pending.keys()]) this.confirm(id, new Error('The channel was lost.'));
  }

  /** @throws Unavailable when the message is not known to be in the broker's hands. */
  send(parcel: Parcel): Promise<void> {
    const { channel } = this;
    const refusal = this.refusal();
    if (!channel || refusal !== null) return Promise.reject(unavailable(refusal ?? NO_CONNECTION));
    return new Promise((resolve, reject) => {
      const id = String((this.sent += 1));
      this.pending.set(id, { tick: this.tick, bytes: parcel.content.length, returned: false, resolve, reject });
      this.pendingBytes += parcel.content.length;
      try {
        const confirm = (error: unknown): void => this.confirm(id, error);
        channel.publish(parcel.exchange, parcel.routingKey, parcel.content, propertiesOf(parcel, id), confirm);
      } catch (error) {
        this.confirm(id, error);
      }
      if (!this.ticking) void this.countTime();
    });
  }

  /** What `send` would be refused for want of just now; null when it would try. */
  refusal(): string | null {
    const { maxUnconfirmed = 10_000, maxUnconfirmedBytes = 64 * 1024 * 1024 } = this.options;
    if (!this.channel) return NO_CONNECTION;
    if (this.blocked) return 'RabbitMQ to take messages, got "blocked" (it is short of memory or disk)';
    if (this.stalled && this.pending.size > 0) {
      return 'RabbitMQ to confirm messages, got no confirm in time';
    }
    if (this.pending.size >= maxUnconfirmed || this.pendingBytes >= maxUnconfirmedBytes) {
      return `at most ${maxUnconfirmed} unconfirmed messages, got ${this.pending.size}`;
    }
    return null;
  }

  /** How many messages may be sent without coming near what would be refused. */
  get room(): number {
    const { maxUnconfirmed = 10_000 } = this.options;
    return this.refusal() === null ? Math.max(0, Math.floor(maxUnconfirmed / 2) - this.pending.size) : 0;
  }

  /** Resolves when nothing is unconfirmed. */
  async flushed(): Promise<void> {
    if (this.pending.size > 0) await new Promise<void>((resolve) => this.flushers.push(resolve));
  }

  /** Ends for good. */
  close(): void {
    this.detach();
    this.abort.abort();
  }

  private confirm(id: string, error: unknown): void {
    if (error === null || error === undefined) this.stalled = false;
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    this.pendingBytes -= pending.bytes;
    if (pending.returned) pending.reject(unavailable('a queue for the message, got none'));
    else if (error === null || error === undefined) pending.resolve();
    else pending.reject(unavailable('RabbitMQ to confirm the message, got a refusal or a lost channel', error));
    if (this.pending.size === 0) for (const wake of this.flushers.splice(0)) wake();
  }

  /** Counted in sleeps, not read from the wall clock, which may jump. */
  private async countTime(): Promise<void> {
    const { clock, confirmMs = 5_000 } = this.options;
    this.ticking = true;
    while (this.pending.size > 0 && !this.abort.signal.aborted) {
      await clock.sleep(confirmMs / TICKS, this.abort.signal);
      this.tick += 1;
      for (const [id, { tick }] of this.pending) {
        if (tick + TICKS >= this.tick) break;
        this.stalled = true;
        this.confirm(id, new Error(`There was no confirm within ${confirmMs} ms.`));
      }
    }
    this.ticking = false;
  }
}

function propertiesOf(parcel: Parcel, messageId: string): Options.Publish {
  return {
    persistent: true,
    mandatory: true,
    contentType: 'application/json',
    messageId,
    ...(parcel.headers && { headers: parcel.headers }),
    ...(parcel.expiration !== undefined && { expiration: String(parcel.expiration) }),
  };
}

function unavailable(expected: string, cause?: unknown): Unavailable {
  return new Unavailable('BUS_UNAVAILABLE', `Expected ${expected}.`, { cause });
}
