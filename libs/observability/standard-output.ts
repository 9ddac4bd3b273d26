import { pino } from 'pino';

/** Lines that wait for a reader who does not read (a paused terminal, a full pipe) may take this much memory. */
const WAITING_BYTES = 16 * 1024 * 1024;

/** Lines are gathered up to this size, or for this time, to spare system calls. */
const GATHERED_BYTES = 64 * 1024;
const GATHERED_MS = 50;

/** Where the lines of a log go. */
export interface LineOutput {
  write(line: string): void;
  /** Writes what is waiting before it returns: for the last words of a process. */
  flush(): void;
}

/**
 * Standard output by pino's asynchronous destination: a line is handed over without waiting and written in batches,
 * what is left is written when the process exits, and a reader that has gone away (EPIPE) ends the output, not the
 * process.
 */
export function openStandardOutput(): LineOutput {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: GATHERED_BYTES,
    maxWrite: 2 * GATHERED_BYTES,
    periodicFlush: GATHERED_MS,
    maxLength: WAITING_BYTES,
    // Given text, it would measure all that it has gathered anew at each line.
    contentMode: 'buffer',
  });
  // Its types know nothing of that mode.
  const bytes = destination as unknown as { write(line: Buffer): boolean };
  // A terminal or disk that fails must not take the service down, and there is nowhere left to say so.
  destination.on('error', () => undefined);
  return {
    write: (line) => void bytes.write(Buffer.from(line)),
    flush: () => destination.flushSync(),
  };
}
