import { ConsumerBuilder } from '#consumer';
import type { ConsumerComponent, ConsumerFactory, Message as ConsumedMessage } from '#consumer';
import type { Clock, Undeliverable } from '#core';

/** How long before what could not be kept is given back, in milliseconds. */
const GIVE_BACK_MS = 1_000;

export interface UndeliverableComponentOptions {
  readonly factory: ConsumerFactory<ConsumedMessage<Undeliverable>>;
  readonly prefetch: number;
  readonly keep: (undeliverable: Undeliverable, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/** The consumer of what was given up, on any bus. */
export function undeliverableComponent(
  options: UndeliverableComponentOptions,
): ConsumerComponent<ConsumedMessage<Undeliverable>> {
  const { factory, prefetch, keep, clock } = options;
  return ConsumerBuilder.of('undeliverable', factory, (message: ConsumedMessage<Undeliverable>) =>
    keep(message.decode(), message.context.signal),
  )
    .withConcurrency(prefetch)
    .withRetries(Infinity, 0)
    .withPauses(clock)
    .withFailureStrategy({
      name: 'give back later',
      exits: false,
      settle: async (message) => {
        await clock.sleep(GIVE_BACK_MS, message.context.signal);
        await message.nack();
      },
    })
    .build();
}
