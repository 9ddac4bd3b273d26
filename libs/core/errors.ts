/**
 * What went wrong, told by consequence: the two exits (the HTTP exception filter and the message outcome mapper)
 * decide by class, never by text. The message is one sentence for the user: what was expected, what came, where.
 * It never holds a secret, a stack or a path of the machine.
 */
export abstract class AppError extends Error {
  /** A stable, upper-case word for programs, e.g. `SPEC_NAME_TAKEN`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The caller must change what was sent. */
export class InvalidInput extends AppError {}

/** What was sent can be read, but contradicts itself or what it names: `faults` tells each. */
export class Unprocessable extends AppError {
  constructor(
    code: string,
    message: string,
    /** Shown to the caller: one entry a fault. */
    readonly faults: readonly object[],
    /** For the log, where the message has names that are only for the caller. */
    readonly logged?: string,
  ) {
    super(code, message);
  }
}

/** The thing named does not exist (for this project). */
export class NotFound extends AppError {}

/** What is named did exist, and is kept no longer. */
export class Gone extends AppError {}

/** What is asked for is not for the caller. */
export class Forbidden extends AppError {}

/** The request contradicts what is stored. */
export class Conflict extends AppError {}

/** A dependency does not answer just now: the same request may succeed later. */
export class Unavailable extends AppError {}

/** What this installation lacks a program for: the message says what to install. */
export class NotInstalled extends AppError {}

/** Trying again cannot help; the work ends with this sentence. */
export class Permanent extends AppError {}

/** The sentence of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
