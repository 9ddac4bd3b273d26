import { Conflict } from '#core';

/** What a second active Spec of one name is told. */
export function nameTaken(name: string, holder: string, cause?: unknown): Conflict {
  const sentence = `Expected a name that no other spec has, got "${name}", which the spec ${holder} has.`;
  return new Conflict('SPEC_NAME_TAKEN', sentence, { cause });
}

/** What a second document of one trace id is told: in practice the same insert, sent again. */
export function traceIdTaken(traceId: string, cause?: unknown): Conflict {
  return new Conflict('TRACE_ID_TAKEN', `Expected a new trace id, got ${traceId}, which is stored already.`, { cause });
}
