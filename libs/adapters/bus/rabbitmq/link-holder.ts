import type { ChannelModel } from 'amqplib';

/** An established pair of connections. */
export interface Link {
  /** The connection for consumers, opened when there is one. */
  readonly incoming: () => Promise<ChannelModel>;
  /** Gives it up, for good: another pair is made in its place. */
  readonly fail: (reason: unknown) => void;
  /** Resolves with the reason when it has been given up. */
  readonly lost: Promise<unknown>;
}

/** Holds the link that there is, for those who wait for one. */
export class LinkHolder {
  private link: Link | undefined;
  private waiters: (() => void)[] = [];

  /** The link that there is just now. */
  get current(): Link | undefined {
    return this.link;
  }

  hold(link: Link): void {
    this.link = link;
    for (const wake of this.waiters.splice(0)) wake();
  }

  /** Lets a link go. @returns false when it is not the one that is held. */
  drop(link: Link): boolean {
    if (this.link !== link) return false;
    this.link = undefined;
    return true;
  }

  /** The link, once there is one. @throws what `signal` aborts with. */
  async next(signal: AbortSignal): Promise<Link> {
    while (!this.link) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        // The signal outlives many links.
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.waiters.push(wake);
        signal.addEventListener('abort', wake);
      });
    }
    return this.link;
  }
}
