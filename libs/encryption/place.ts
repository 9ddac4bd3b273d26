/**
 * Whose a value is. It is read back only under the very place that it was written under: moved to another project,
 * another thing or another field, it is refused.
 */
export interface Place {
  readonly project: string;
  /** What kind of thing: `process`, `spec` … */
  readonly kind: string;
  /** Which one: its trace id or name. */
  readonly id: string;
}

/** The place as bytes that no other place has. */
export function placeBytes({ project, kind, id }: Place): Buffer {
  return Buffer.from(JSON.stringify(['callboard', 1, project, kind, id]));
}
