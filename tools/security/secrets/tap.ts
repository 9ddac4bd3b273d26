import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A line to a server that keeps all that goes over it, both ways, and that can be cut. */
export class Tap {
  private readonly taken: Buffer[][] = [];
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer((socket) => this.join(socket));
  }

  /** @returns it, once it listens on a port of its own */
  static async to(address: string): Promise<Tap> {
    const tap = new Tap(new URL(address));
    await new Promise<void>((resolve) => tap.server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  /** The server's address by way of it. */
  get address(): string {
    const address = new URL(this.target);
    address.port = String((this.server.address() as AddressInfo).port);
    return address.href.replace(/\/$/, '');
  }

  /** What went over it so far: each connection, each way, in one piece. */
  get bytes(): Buffer[] {
    return this.taken.map((chunks) => Buffer.concat(chunks));
  }

  /** Ends all connections and takes no further ones. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    if (this.isCut) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const chunks: Buffer[] = [];
      this.taken.push(chunks);
      this.sockets.add(from);
      from.setNoDelay(true).on('data', (chunk: Buffer) => void chunks.push(chunk));
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  }
}
