import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { Unavailable } from '#core';
import { formatBytes, type DocumentLimits } from '../limits.js';
import { DocumentRefused } from '../refused.js';
import type { Warning } from '../warning.js';
import { PIPE, type ChildMessage, type ClientTexts, type TextName } from './protocol.js';
import { cpuSecondsOf, startChild } from './start-child.js';

/** The process died before it looked at the document, or was never born: another one may do. */
export class NotBegun extends Unavailable {
  constructor(options: { cause: unknown }) {
    super('GENERATOR_UNAVAILABLE', 'The process that generates clients cannot be started.', options);
  }
}

export interface ChildOptions {
  readonly heapMb: number;
  readonly timeoutMs: number;
  readonly limits: DocumentLimits;
}

/** One document's way through a child. */
interface Job {
  hasBegun: boolean;
  warnings: readonly Warning[];
  /** How many bytes of its texts came out of the pipe. */
  taken: number;
  /** Those of no text that is whole yet. */
  pieces: Buffer[];
  /** Messages that wait for bytes that were written before. */
  readonly messages: ChildMessage[];
  readonly texts: Record<TextName, Buffer>;
  readonly onYaml: (yaml: Buffer) => void;
  readonly resolve: (texts: ClientTexts) => void;
  readonly reject: (error: Error) => void;
}

/** A child that holds more than this after a document is not kept for the next one. */
const MOST_RESIDENT_BYTES = 400 * 1024 * 1024;
/** A few values, used again and again by YAML aliases, can make texts without end. */
const MOST_TEXT_BYTES = 512 * 1024 * 1024;
const TOO_LARGE = `Expected a document whose client takes at most ${formatBytes(MOST_TEXT_BYTES)}, got one whose takes more.`;
const LAST_WORDS = 2_000;
const NONE = Buffer.alloc(0);

/** One child process and the document it works on. It is used until something goes wrong, then it is dead for good. */
export class GeneratorChild {
  private readonly process: ChildProcess;
  private readonly pipe: Duplex;
  private job: Job | null = null;
  private deadline: NodeJS.Timeout | undefined;
  private stderr = '';
  /** Why we killed it; null while it lives or when it died by itself. */
  private verdict: Error | null = null;
  /** False as soon as no further document can be given to it. */
  isUsable = true;

  constructor(private readonly options: ChildOptions) {
    this.process = startChild(options.heapMb, options.timeoutMs);
    this.pipe = pipeOf(this.process);
    this.pipe.on('data', (bytes: Buffer) => this.take(bytes));
    // A pipe that breaks is followed by the exit that explains it.
    this.pipe.on('error', () => undefined);
    this.process.on('message', (message) => {
      this.job?.messages.push(message as ChildMessage);
      this.hearAll();
    });
    this.process.on('error', (error) => this.end(new NotBegun({ cause: error })));
    this.process.on('exit', (code, signal) => this.end(this.verdict ?? this.explain(code, signal)));
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString('utf8')).slice(-LAST_WORDS);
    });
  }

  /** Works on a document; one at a time. Rejects with Permanent when it is the document's fault, with NotBegun when it was never looked at. */
  run(document: Uint8Array, onYaml: (yaml: Buffer) => void): Promise<ClientTexts> {
    return new Promise((resolve, reject) => {
      const texts = { yaml: NONE, table: NONE, schemas: NONE, summary: NONE, types: NONE };
      this.job = { hasBegun: false, warnings: [], taken: 0, pieces: [], messages: [], texts, onYaml, resolve, reject };
      const { timeoutMs, limits } = this.options;
      this.deadline = setTimeout(() => this.kill(this.refusal('SPEC_TOO_SLOW', tooLong(timeoutMs))), timeoutMs);
      // A send that fails is followed by the exit that explains it.
      this.process.send({ documentBytes: document.length, limits }, () => undefined);
      this.pipe.write(document);
    });
  }

  /** Ends the process at once; what it works on is rejected with `reason`. */
  kill(reason: Error): void {
    this.verdict ??= reason;
    this.process.kill('SIGKILL');
    this.end(this.verdict);
  }

  private take(bytes: Buffer): void {
    const { job } = this;
    if (job === null) return;
    job.pieces.push(bytes);
    job.taken += bytes.length;
    if (job.taken > MOST_TEXT_BYTES) this.kill(this.refusal('SPEC_CLIENT_TOO_LARGE', TOO_LARGE));
    else this.hearAll();
  }

  /** Messages and bytes come by different ways: a message is heard when the bytes are here that it speaks of. */
  private hearAll(): void {
    for (let { job } = this; job !== null; job = this.job) {
      const [message] = job.messages;
      if (message === undefined || message.written > job.taken) return;
      job.messages.shift();
      this.hear(message, job);
    }
  }

  private hear(message: ChildMessage, job: Job): void {
    switch (message.kind) {
      case 'begun':
        job.hasBegun = true;
        return;
      case 'text':
        job.texts[message.text] = cutText(job, message.written);
        return;
      case 'yaml':
        job.warnings = message.warnings;
        job.onYaml(job.texts.yaml);
        return;
      case 'done':
        if (message.residentBytes > MOST_RESIDENT_BYTES) this.isUsable = false;
        if (message.cpuSeconds > cpuSecondsOf(this.options.timeoutMs)) this.isUsable = false;
        this.settle(({ resolve }) => resolve({ bytes: job.texts, warnings: job.warnings }));
        return;
      case 'refused':
        this.settle(({ reject }) => reject(new DocumentRefused(message.code, message.message, message.warnings)));
    }
  }

  private refusal(code: string, message: string, options?: { cause: unknown }): DocumentRefused {
    return new DocumentRefused(code, message, this.job?.warnings ?? [], options);
  }

  private settle(how: (job: Job) => void): void {
    const { job } = this;
    clearTimeout(this.deadline);
    this.job = null;
    if (job) how(job);
  }

  private end(reason: Error): void {
    this.isUsable = false;
    this.settle((job) => job.reject(reason));
  }

  private explain(code: number | null, signal: NodeJS.Signals | null): Error {
    const cause = new Error(this.stderr);
    if (!this.job?.hasBegun) return new NotBegun({ cause });
    // V8 aborts when its heap is full; a system that is out of memory kills.
    const isMemory =
      signal === 'SIGABRT' || signal === 'SIGTRAP' || signal === 'SIGKILL' || code === 134 || code === 137;
    const how = signal ?? `exit code ${code}`;
    const message = isMemory
      ? `Expected a document that needs at most ${this.options.heapMb} MB of memory, got one that needs more.`
      : `Expected a document that the generator can read, got one on which it ended with ${how}.`;
    return this.refusal(isMemory ? 'SPEC_TOO_MUCH_MEMORY' : 'SPEC_FAULT', message, { cause });
  }
}

function tooLong(timeoutMs: number): string {
  return `Expected a document that takes at most ${timeoutMs / 1000} s to turn into a client, got one that takes longer.`;
}

/** The bytes up to an end; those after it belong to the next text. */
function cutText(job: Job, end: number): Buffer {
  const bytes = Buffer.concat(job.pieces);
  const text = bytes.subarray(0, bytes.length - (job.taken - end));
  job.pieces = [bytes.subarray(text.length)];
  return text;
}

function pipeOf({ stdio }: ChildProcess): Duplex {
  const pipe = stdio[PIPE];
  if (!(pipe instanceof Duplex)) throw new NotBegun({ cause: new Error('Expected a pipe to the process, got none.') });
  return pipe;
}
