/** Stands in a path for a name that the document does not have: whoever made it up may have made a secret of it. */
export const MADE_UP = Symbol('made up');

/** Names and indexes that lead to a place. */
export type Path = readonly (string | typeof MADE_UP)[];

/** One place where a value is not what its schema says. */
export interface Violation {
  /** From the value that was checked. */
  readonly path: Path;
  /** What belongs there, in words. */
  readonly expected: string;
  /** What was found; undefined where something is missing. */
  readonly value: unknown;
}

/** Checks one value. False when it does not fit; what is wrong is then noted with the run. */
export type Check = (value: unknown, run: Run) => boolean;

export interface RunOptions {
  /** What is read-only need not be in a request, and what is write-only not in a response. */
  readonly direction: 'request' | 'response';
  /**
   * The value travels as text, as parameters and form fields do: `"5"` is an integer too, and 5 a string.
   * Default false.
   */
  readonly asText?: boolean | undefined;
  /** `{"$file": …}` may stand for bytes. Default false. */
  readonly files?: boolean | undefined;
  /** How many violations are noted. Default 100. */
  readonly most?: number | undefined;
}

/** Applications of a schema to a value in one run, of which each takes some 50 ns: 10 ms at most. */
const MOST_STEPS = 200_000;
/** A check calls itself for what is inside: the stack holds several times as many. */
const DEEPEST = 500;

/** The state of checking one value: where it is, what it cost so far, what was found. */
export class Run {
  readonly violations: Violation[] = [];
  readonly direction: 'request' | 'response';
  readonly asText: boolean;
  readonly files: boolean;
  /**
   * False once the run would have cost too much, or a pattern could not be run: the rest was taken to fit.
   */
  isComplete = true;
  private readonly most: number;
  private readonly path: Path[number][] = [];
  private steps = 0;
  private depth = 0;
  /** Above 0 while a check only asks whether: nothing is noted then. */
  private asking = 0;

  constructor({ direction, asText = false, files = false, most = 100 }: RunOptions) {
    this.direction = direction;
    this.asText = asText;
    this.files = files;
    this.most = most;
  }

  /** Whether a check may go on after a violation, to find more. */
  get isNoting(): boolean {
    return this.asking === 0 && this.violations.length < this.most;
  }

  /** Pays for work. False when there is no more to spend: the caller takes the value to fit. */
  spend(steps: number): boolean {
    this.steps += steps;
    if (this.steps <= MOST_STEPS) return true;
    this.isComplete = false;
    return false;
  }

  /** Enters one application of a schema. False when it is one too many; else `leave` must follow. */
  enter(): boolean {
    if (this.depth >= DEEPEST) {
      // The siblings of a place that is too deep are as deep, and there may be a great many.
      this.steps = Infinity;
    }
    if (!this.spend(1)) return false;
    this.depth += 1;
    return true;
  }

  leave(): void {
    this.depth -= 1;
  }

  /** Checks what is inside a value. */
  inside(key: Path[number], value: unknown, check: Check): boolean {
    this.path.push(key);
    const fits = check(value, this);
    this.path.pop();
    return fits;
  }

  /** Whether a value fits, with nothing noted. */
  asks(value: unknown, check: Check): boolean {
    this.asking += 1;
    const fits = check(value, this);
    this.asking -= 1;
    return fits;
  }

  /** Notes a violation at this place, or at a key inside it. */
  refuse(expected: () => string, value: unknown, key?: Path[number]): false {
    if (this.isNoting) {
      const path: Path = key === undefined ? [...this.path] : [...this.path, key];
      this.violations.push({ path, expected: expected(), value });
    }
    return false;
  }
}
