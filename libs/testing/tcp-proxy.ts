import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * Stands between a client and a real server, for faults that the server will not produce when asked: it cuts lines,
 * refuses new ones, or falls silent while keeping them open.
 */
export class TcpProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  /** Whose other side has hung up since. */
  private readonly unheard: Socket[] = [];
  /** How many more pieces the server may send before nobody hears of it. */
  private piecesLeft = Infinity;
  private port = 0;

  private constructor(
    private readonly targetHost: string,
    private readonly targetPort: number,
  ) {}

  /** Starts a proxy on a free port of the loopback for the host and port of a URL. */
  static async start(targetUrl: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(targetUrl);
    const proxy = new TcpProxy(hostname, Number(port));
    await proxy.up();
    return proxy;
  }

  /** The given URL with the proxy's host and port in place of the server's. */
  url(targetUrl: string): string {
    const url = new URL(targetUrl);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  /** How many lines from clients are open. */
  get lines(): number {
    return this.sockets.size / 2;
  }

  /** Cuts every line at once, without a goodbye. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Cuts every line and refuses new ones, as a stopped server does. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    this.cut();
    await closed;
  }

  /** Takes lines again, on the same port. */
  async up(): Promise<void> {
    const server = createServer((client) => this.join(client));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as { port: number }).port;
  }

  /** Lets nothing through from now on, in either direction; lines stay open and new ones are accepted. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /**
   * Lets nothing more of the server through once it has sent this many pieces: in the midst of whatever it is saying.
   * What clients say still gets through, their goodbye too.
   */
  muteAfter(pieces: number): void {
    this.piecesLeft = pieces;
  }

  thaw(): void {
    this.frozen = false;
    this.piecesLeft = Infinity;
    for (const socket of this.unheard.splice(0)) socket.destroy();
    for (const socket of this.sockets) socket.resume();
  }

  private join(client: Socket): void {
    const server = connect(this.targetPort, this.targetHost);
    this.forward(client, server);
    this.forward(server, client);
    server.on('data', () => {
      this.piecesLeft -= 1;
      if (this.piecesLeft <= 0) server.pause();
    });
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.frozen) from.resume();
    });
    from.on('error', () => undefined);
    from.on('end', () => to.end());
    from.on('close', () => {
      this.sockets.delete(from);
      // While it is silent nobody hears that the other side has hung up either.
      if (this.frozen) this.unheard.push(to);
      else to.destroy();
    });
    if (this.frozen) from.pause();
  }
}
