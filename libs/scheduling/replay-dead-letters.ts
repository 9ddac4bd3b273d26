import { AppError, Conflict, decodeMessage, derivedTraceId, NotFound, Unavailable } from '#core';
import type { DeadLetter, DeadLetterStore, DeadProcess, Message, MessageBus, Principal } from '#core';
import type { ReplayProcess } from './replay-process.js';
import { walkDeadLetters } from './walk-dead-letters.js';
import type { BulkCount, BulkResult, DeadLetterBulk } from './walk-dead-letters.js';

/** How many letters are replayed side by side, so that what they write shares commits. */
const PIECE = 100;

/** `gone`: somebody else has replayed it, or what it was of is no more. */
type Replay = 'replayed' | 'gone' | 'failed';

/** POST /v1/api/dead-letters/replay: gives what was given up another chance. */
export class ReplayDeadLetters {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly replayProcess: ReplayProcess,
    private readonly bus: MessageBus,
  ) {}

  /**
   * Makes a new process of each process that was given up, once whoever asks at the same time, and sends each message
   * again that can be read by now. The letter is taken away then; what fails stays one.
   * @throws Unavailable when a backend is away; what was done by then is done.
   */
  execute(caller: Principal, bulk: DeadLetterBulk): Promise<BulkResult> {
    return walkDeadLetters(this.letters, caller.project, bulk, PIECE, (letters) => this.replayAll(caller, letters));
  }

  private async replayAll(caller: Principal, letters: readonly DeadLetter[]): Promise<BulkCount> {
    const settled = await Promise.allSettled(letters.map((letter) => this.replay(caller, letter)));
    const outcomes = settled.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'));
    const over = letters.filter((_, index) => outcomes[index] !== 'failed').map((letter) => letter.traceId);
    await this.letters.remove(caller.project, over);
    const faults = settled.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
    const unforeseen = faults.find((fault) => !(fault instanceof AppError));
    // A single one may lack its body; when all fail in this way it is the backend.
    const isAway = faults.length === letters.length && faults.every((fault) => fault instanceof Unavailable);
    if (unforeseen !== undefined || isAway) throw unforeseen ?? faults[0];
    const count = (outcome: Replay): number => outcomes.filter((each) => each === outcome).length;
    return { done: count('replayed'), failed: count('failed') };
  }

  private replay(caller: Principal, letter: DeadLetter): Promise<Replay> {
    return letter.kind === 'process' ? this.replayOf(caller, letter) : this.sendAgain(caller, letter.traceId);
  }

  private async replayOf(caller: Principal, { traceId, at }: DeadProcess): Promise<Replay> {
    try {
      // The same for all who replay this letter: of those who do at once, or after one died half-way, one succeeds.
      await this.replayProcess.make(caller, traceId, derivedTraceId('replay', traceId, String(at)));
      return 'replayed';
    } catch (error) {
      if (error instanceof NotFound || (error instanceof Conflict && error.code === 'TRACE_ID_TAKEN')) return 'gone';
      throw error;
    }
  }

  private async sendAgain({ project }: Principal, traceId: string): Promise<Replay> {
    const payload = await this.letters.payload(project, traceId);
    const message = payload === null ? null : readable(payload);
    if (!message) return 'failed';
    await this.bus.publish(message);
    return 'replayed';
  }
}

function readable(payload: string): Message | null {
  try {
    return decodeMessage(payload);
  } catch {
    // As it was when it became a letter: it is counted as failed.
    return null;
  }
}
