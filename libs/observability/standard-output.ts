import { write, writeSync } from 'node:fs';
import { GatheredText } from './gathered-text.js';

const STDOUT = 1;

/** Lines that wait for a reader who does not read (a paused terminal, a full pipe) may be this long together, in bytes. */
const WAITING_LENGTH = 16 * 1024 * 1024;

/** Lines are gathered up to this length, or for this time, to spare system calls. */
const GATHERED_LENGTH = 64 * 1024;
const GATHERED_MS = 50;

/** How long a reader that is behind gets before the next try, and how often at the exit. */
const RETRY_MS = 50;
const LAST_TRIES = 20;
/** How long a write that is under way at the exit may take to end: nothing tells of it any more. */
const LAST_WRITE_MS = 20;

/** Where the lines of a log go. */
export interface LineOutput {
  write(line: string): void;
  /** Resolves when all lines up to now are written, in their order, or cannot be. It waits for a slow reader. */
  drain(): Promise<void>;
}

/**
 * Standard output that nobody waits for: a line is handed over and written with others, one write at a time so that
 * they keep their order. What is left is written when the process exits. A reader that has gone away (EPIPE) ends the
 * output, not the process; lines that a reader leaves waiting beyond the bound are left out.
 */
export function openStandardOutput(): LineOutput {
  const output = new StandardOutput();
  process.once('exit', () => output.writeLast());
  return output;
}

class StandardOutput implements LineOutput {
  private waiting = new GatheredText();
  private underWay = false;
  /** What is under way, while it waits for its next try. */
  private stuck: Buffer | undefined;
  private ended = false;
  private timer: NodeJS.Timeout | undefined;
  private drained: (() => void)[] = [];

  write(line: string): void {
    if (this.ended || this.waiting.length + line.length > WAITING_LENGTH) return;
    this.waiting.add(line);
    if (this.underWay) return;
    if (this.waiting.length >= GATHERED_LENGTH) this.writeNext();
    // It alone keeps no process alive: the exit writes what is left.
    else this.timer ??= setTimeout(() => this.writeNext(), GATHERED_MS).unref();
  }

  drain(): Promise<void> {
    if (!this.underWay) this.writeNext();
    if (!this.underWay) return Promise.resolve();
    return new Promise((resolve) => this.drained.push(resolve));
  }

  /** The last words, without an event loop. */
  writeLast(): void {
    let bytes = this.takeAll();
    if (this.stuck) bytes = Buffer.concat([this.stuck, bytes]);
    else if (this.underWay && bytes.length > 0) pause(LAST_WRITE_MS);
    for (let tries = 0; bytes.length > 0 && tries < LAST_TRIES;) {
      try {
        bytes = bytes.subarray(writeSync(STDOUT, bytes));
      } catch (error) {
        if (!isBehind(error)) return;
        tries += 1;
        pause(RETRY_MS);
      }
    }
  }

  private writeNext(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const bytes = this.takeAll();
    this.underWay = bytes.length > 0;
    if (this.underWay) this.writeAll(bytes);
    else for (const resolve of this.drained.splice(0)) resolve();
  }

  private writeAll(bytes: Buffer): void {
    this.stuck = undefined;
    write(STDOUT, bytes, (error, count) => {
      if (error === null && count < bytes.length) {
        this.writeAll(bytes.subarray(count));
      } else if (isBehind(error)) {
        this.stuck = bytes;
        setTimeout(() => this.writeAll(bytes), RETRY_MS);
      } else {
        // What else may fail (a full disk) must not take the service down, and there is nowhere left to say so.
        if (error?.code === 'EPIPE') this.end();
        this.afterWrite();
      }
    });
  }

  private afterWrite(): void {
    this.underWay = false;
    if (this.drained.length > 0 || this.waiting.length >= GATHERED_LENGTH) this.writeNext();
    else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.writeNext(), GATHERED_MS).unref();
  }

  private end(): void {
    this.ended = true;
    this.takeAll();
  }

  private takeAll(): Buffer {
    const bytes = this.waiting.read();
    this.waiting = new GatheredText();
    return bytes;
  }
}

function isBehind(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
