import type { Arbitrary } from 'fast-check';

/** A reader of untrusted input, and what must hold whatever it is given. */
export interface Target {
  readonly name: string;
  /** Inputs, as bytes: so they are kept in the corpus, and so they are changed at random. */
  readonly inputs: Arbitrary<Buffer>;
  /** Gives the reader an input. @throws whatever shows that a property does not hold. */
  check(input: Buffer): Promise<void> | void;
}

/** A property that does not hold, in a sentence. */
export class Broken extends Error {}

export function expect(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Broken(sentence);
}
