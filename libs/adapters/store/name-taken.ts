import { Conflict } from '#core';

/** What a second active Spec of one name is told. */
export function nameTaken(name: string, holder: string, cause?: unknown): Conflict {
  return new Conflict(
    'SPEC_NAME_TAKEN',
    `Expected a name that no other spec has, got "${name}", which the spec ${holder} has.`,
    { cause },
  );
}
