import type { Readable } from 'node:stream';
import { hasEnded, Unavailable } from '#core';
import type { Clock, ListedProcess } from '#core';
import { SharedRoom } from '#scheduling';
import type { ProcessWatch } from '#scheduling';
import { EventStream } from '../http/event-stream.js';
import { processStatusView } from './scheduler-process.view.js';

const BEAT_MS = 15_000;

/** Streams of what becomes of processes: the status at once, each change of it that is seen, and the last one. */
export class ProcessEvents {
  private readonly open = new Set<() => void>();
  private readonly room: SharedRoom;
  private isStopped = false;

  constructor(
    private readonly watch: Pick<ProcessWatch, 'watch'>,
    private readonly clock: Clock,
    /** How many streams may be open at once. */
    private readonly mostStreams: number,
  ) {
    this.room = new SharedRoom(mostStreams);
  }

  /**
   * @param lastSeen the id of the last event that the client has seen, when it comes back.
   * @param isStillIn asked before each further event and with each comment: the stream ends with a no. What may come from it
   *   and is no answer ends nothing. Default: who was let in stays in.
   * @returns the body of the answer; null when it has seen the last one there will ever be.
   * @throws Unavailable when too many are open, or after `stop`. Where another project has more of them than this one, its
   *   oldest ends instead: whoever reads that comes back.
   */
  stream(process: ListedProcess, lastSeen: string | undefined, isStillIn?: () => Promise<boolean>): Readable | null {
    if (hasEnded(process.status) && lastSeen === idOf(process)) return null;
    const over = new AbortController();
    const close = () => over.abort();
    const leave = this.isStopped ? null : this.room.take(process.project, close);
    if (!leave) throw tooMany(this.mostStreams);
    let seen = lastSeen;
    const stream = new EventStream(close);
    const changed = (now: ListedProcess) => {
      const id = idOf(now);
      if (id !== seen) stream.send({ event: 'status', id, data: processStatusView(now) });
      seen = id;
      if (hasEnded(now.status)) close();
    };
    let latest = process;
    const check = async () => {
      if (isStillIn && !(await isStillIn())) close();
      // Of what came while nobody could be checked as well.
      if (!over.signal.aborted) changed(latest);
    };
    this.open.add(close);
    changed(process);
    const checked = isStillIn && inOrder(check, over.signal);
    const listener = {
      changed: (now: ListedProcess) => {
        latest = now;
        if (checked) checked();
        else changed(now);
      },
      gone: close,
    };
    const unwatch = over.signal.aborted ? undefined : this.watch.watch(process.traceId, listener);
    void this.beat(stream, over.signal, check).then(() => {
      unwatch?.();
      leave();
      this.open.delete(close);
      stream.end();
    });
    return stream.body;
  }

  /** Ends all streams, and refuses those who come later. */
  stop(): void {
    this.isStopped = true;
    for (const close of this.open) close();
  }

  private async beat(stream: EventStream, over: AbortSignal, check: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.clock.sleep(BEAT_MS, over);
      // What is over waits for no database.
      if (over.aborted) return;
      // Without the database nobody knows, and nothing is told either.
      await check().catch(() => undefined);
      stream.beat();
    }
  }
}

/** Checks once for each change, one after the other, until it is over. */
function inOrder(check: () => Promise<void>, over: AbortSignal): () => void {
  let last = Promise.resolve();
  return () => {
    last = last
      .then(() => (over.aborted ? undefined : check()))
      // Who cannot be checked is told nothing; the next change tells of this one as well, or else the next comment.
      .catch(() => undefined);
  };
}

/** Differs whenever status, step, attempt or what holds it do. */
function idOf({ attempt, calls, steps, status, held }: ListedProcess): string {
  const id = `${attempt}.${calls?.length ?? 0}.${steps.length}.${status}`;
  return held === undefined ? id : `${id}.${held}`;
}

function tooMany(most: number): Unavailable {
  return new Unavailable(
    'EVENT_STREAMS_FULL',
    `Expected at most ${most} open event streams, and there are as many: ask for the status instead, or try again.`,
  );
}
