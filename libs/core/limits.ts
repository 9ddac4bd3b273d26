/** How much of a service may be asked for at once and in a while; of all calls of a Spec together. */
export interface Limits {
  /** How many calls may start in `seconds`; absent: any number. */
  readonly requests?: number | undefined;
  /** Set where `requests` is. */
  readonly seconds?: number | undefined;
  /** How many of them may start together; unset: 1, but as many as 50 ms have room for. */
  readonly burst?: number | undefined;
  /** How many calls may be under way at once; absent: any number. */
  readonly concurrency?: number | undefined;
}

/** How many keys of one Spec may be paused at a time. */
export const MAX_PAUSED_KEYS = 1_000;

/** The line of a process at its Spec's gate; empty for what has no key. */
export function lineOf({ key }: { readonly key?: string | undefined }): string {
  return key ?? '';
}
