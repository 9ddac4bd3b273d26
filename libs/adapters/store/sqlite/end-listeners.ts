/** Who waits for the end of which process, within this one process. */
export class EndListeners {
  private readonly listeners = new Map<string, Set<() => void>>();

  /** @returns true once `tell` is called with this trace id, or false as soon as the signal aborts. */
  next(traceId: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const listeners = this.listeners.get(traceId) ?? new Set();
      this.listeners.set(traceId, listeners);
      const settle = (ended: boolean) => {
        signal.removeEventListener('abort', onAbort);
        listeners.delete(onEnd);
        if (listeners.size === 0) this.listeners.delete(traceId);
        resolve(ended);
      };
      const onEnd = () => settle(true);
      const onAbort = () => settle(false);
      listeners.add(onEnd);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  tell(traceId: string): void {
    for (const onEnd of this.listeners.get(traceId) ?? []) onEnd();
  }
}
