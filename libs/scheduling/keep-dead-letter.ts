import { decodeMessage, DEFAULT_PROJECT, derivedTraceId, encodeMessage, LONGEST_LETTER, MASK } from '#core';
import type { Clock, DeadLetterKind, DeadLetterStore, DeadMessage, Undeliverable } from '#core';

/** How soon the database is tried again, in milliseconds. */
const RETRY_AFTER_MS = 2_000;

export interface KeepDeadLetterOptions {
  /** The beginning of a text, without what is secret in it: all that is ever shown of a message and its reason. */
  readonly excerptOf: (text: string) => string;
  /** The project of what a message of this trace id is about; null when there is no such thing. */
  readonly projectOf: (traceId: string) => Promise<string | null>;
  /** Told why a letter could not be kept yet. */
  readonly onFault: (error: unknown) => void;
  readonly observer?: { deadLetter(kind: DeadLetterKind): void } | undefined;
}

/** Moves what the bus gave up into the database, where it can be found. */
export class KeepDeadLetter {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly clock: Clock,
    private readonly options: KeepDeadLetterOptions,
  ) {}

  /**
   * Keeps a letter. It tries until the database takes it, rather than giving it back to a broker that counts how often it
   * gives a message out.
   * @throws the last fault, when `signal` aborts first: the bus still has it.
   */
  async execute(undeliverable: Undeliverable, signal: AbortSignal): Promise<void> {
    const payload = undeliverable.payload.length <= LONGEST_LETTER ? undeliverable.payload : undefined;
    for (;;) {
      try {
        await this.letters.append(this.letterOf(undeliverable, await this.projectOf(undeliverable)), payload);
        this.options.observer?.deadLetter('message');
        return;
      } catch (error) {
        this.options.onFault(error);
        await this.clock.sleep(RETRY_AFTER_MS, signal);
        if (signal.aborted) throw error;
      }
    }
  }

  /** What cannot be read is nobody's, and so the default project's. */
  private async projectOf({ payload }: Undeliverable): Promise<string> {
    const traceId = traceIdIn(payload);
    return (traceId === null ? null : await this.options.projectOf(traceId)) ?? DEFAULT_PROJECT;
  }

  /** The same letter has the same trace id however often the bus brings it. */
  private letterOf({ type, reason, payload, at }: Undeliverable, project: string): DeadMessage {
    // Without its data, which could be guessed from a hash of them.
    const told = withoutData(payload);
    return {
      ...{ kind: 'message', traceId: derivedTraceId('dead letter', type ?? '', reason, told, String(at)) },
      // What could not be read is quoted in the reason.
      ...{ project, type, reason: this.options.excerptOf(reason), at: at ?? this.clock.now() },
      bytes: Buffer.byteLength(payload),
      excerpt: this.options.excerptOf(told),
    };
  }
}

function traceIdIn(payload: string): string | null {
  try {
    return decodeMessage(payload).traceId;
  } catch {
    return null;
  }
}

/** The text of a message without its data, which may be an answer; of anything else, all of it. */
function withoutData(payload: string): string {
  try {
    const message = decodeMessage(payload);
    return message.data === undefined ? payload : encodeMessage({ ...message, data: MASK });
  } catch {
    return payload;
  }
}
