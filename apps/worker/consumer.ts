import { errorWord, MESSAGE_TYPES } from '#core';
import type {
  Clock,
  ConsumeObserver,
  Message,
  MessageBus,
  Outcome,
  Span,
  SpanAbout,
  Subscription,
  Tracer,
  Worker,
} from '#core';
import { RetryPause } from '#scheduling';
import type { MessageHandler } from './handlers/message-handler.js';
import { outcomeOfError } from './handlers/outcome-of-error.js';

export interface ConsumerOptions {
  readonly clock: Clock;
  /** How long work under way may go on after the order to stop, in milliseconds. */
  readonly shutdownMs: number;
  readonly onReceived: (message: Message) => void;
  /** @param startedAt when the message came to its handler, in epoch milliseconds */
  readonly onHandled: (message: Message, outcome: Outcome, startedAt: number) => void;
  readonly onError: (message: Message, error: unknown) => void;
  readonly tracer?: Tracer | undefined;
  /** For figures. */
  readonly observer?: ConsumeObserver | undefined;
}

/** Brings each message to the one handler of its type. */
export class Consumer implements Worker {
  readonly name = 'consumer';
  private readonly retryPause = new RetryPause();

  /** @throws Error unless each message type has exactly one handler: a worker that lacks one must not start. */
  constructor(
    private readonly bus: MessageBus,
    private readonly handlers: readonly MessageHandler[],
    private readonly options: ConsumerOptions,
  ) {
    for (const type of MESSAGE_TYPES) {
      const count = handlers.filter((handler) => handler.type === type).length;
      if (count !== 1) throw new Error(`Expected exactly one handler of ${type}, got ${count}.`);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const subscriptions = await Promise.all(this.handlers.map((handler) => this.subscribe(handler)));
    await aborted(signal);
    // How work that is under way ends is kept, and stored by whoever has it, should nobody take its message any more.
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }

  private async subscribe(handler: MessageHandler): Promise<Subscription> {
    const { observer } = this.options;
    const options = { prefetch: handler.prefetch, observer };
    const subscription = await this.bus.consume(handler.type, options, (message) => this.handle(handler, message));
    handler.work?.attach(subscription);
    return {
      pause: () => subscription.pause(),
      resume: () => subscription.resume(),
      close: async () => {
        // What waits for a slot must be let go first, or closing would wait for it.
        const stopped = handler.work?.stop(this.options.shutdownMs);
        await Promise.all([subscription.close(), stopped]);
      },
    };
  }

  private async handle(handler: MessageHandler, message: Message): Promise<Outcome> {
    const { clock } = this.options;
    const startedAt = clock.now();
    this.options.onReceived(message);
    // One that was sent for work that was found lying about belongs to no trace: the work itself knows its own.
    const span = message.traceContext && this.options.tracer?.start(`process ${message.type}`, processing(message));
    let outcome: Outcome;
    try {
      outcome = await handler.handle(span ? { ...message, traceContext: span.context } : message);
      endHandled(span, outcome);
      this.retryPause.worked(startedAt);
    } catch (error) {
      span?.end(errorWord(error));
      this.options.onError(message, error);
      outcome = outcomeOfError(error, () => this.retryPause.failed(clock.now()));
    }
    this.options.onHandled(message, outcome, startedAt);
    return outcome;
  }
}

/** What a span tells of a message that is handled. */
function processing({ type, traceId, traceContext: parent }: Message): SpanAbout {
  return {
    kind: 'consumer',
    parent,
    attributes: {
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': type,
      'callboard.trace_id': traceId,
    },
  };
}

function endHandled(span: Span | undefined, { kind }: Outcome): void {
  span?.set({ 'callboard.outcome': kind });
  span?.end(kind === 'dead' ? 'dead_letter' : undefined);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
