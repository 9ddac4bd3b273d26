import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Sees where this process tries to connect to: asked of the sockets themselves, whoever opens them and why. */
export class Witness {
  private readonly seen: string[] = [];

  constructor() {
    subscribe('net.client.socket', (message) => {
      const { socket } = message as { socket: Socket };
      socket.on('connectionAttempt', (address: string, port: number) => this.seen.push(`${address} ${port}`));
    });
  }

  /** The places since the last time, as `address port`. */
  take(): string[] {
    return this.seen.splice(0);
  }
}
