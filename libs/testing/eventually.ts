/**
 * Polls until `check` gives something other than undefined, null or false, and returns it. A rejection of `check` is
 * not caught.
 * @param what completes the sentence "Expected … within n ms".
 * @throws Error when the deadline (5,000 ms) passes.
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  deadlineMs = 5_000,
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    if (performance.now() > end) throw new Error(`Expected ${what} within ${deadlineMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A promise that a test opens: what handlers wait for while the test looks at them. */
export class Gate {
  readonly opened: Promise<void>;
  private release: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.release = resolve));
  }

  open(): void {
    this.release();
  }
}
