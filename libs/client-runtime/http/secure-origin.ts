import { CallFailed, callFailed } from './call-failed.js';
import type { Connector } from './connector.js';
import type { Http1 } from './http1.js';
import { Http2Connection } from './http2-connection.js';
import type { Waiting } from './waiting.js';

export interface SecureOriginOptions {
  /** How many connections at a time. */
  readonly connectionsMax: number;
  /** How often a connection is pinged that says nothing though something is asked of it, in milliseconds. */
  readonly pingMs: number;
}

/** A request that the service hands back so often is refused. */
const HAND_BACKS_MAX = 5;

/**
 * A service reached over TLS. What its first connection agrees on decides: HTTP/2 shares few connections between many
 * requests, HTTP/1.1 is left to its own pool, and the first connection with it.
 * https://www.rfc-editor.org/rfc/rfc9113#section-3.2
 */
export class SecureOrigin {
  private readonly url: URL;
  private waiting: Waiting[] = [];
  private connections: Http2Connection[] = [];
  private opening = 0;
  private isHttp1 = false;
  /** The service took no further connection, and nothing has changed since. */
  private isFull = false;

  constructor(
    private readonly origin: string,
    private readonly connector: Connector,
    private readonly http1: Http1,
    private readonly options: SecureOriginOptions,
    private readonly onIdle: () => void,
  ) {
    this.url = new URL(origin);
  }

  send(waiting: Waiting): void {
    if (this.isHttp1) {
      this.sendOverHttp1(waiting);
      return;
    }
    this.waiting.push(waiting);
    this.serve();
  }

  close(error: Error): void {
    for (const connection of this.connections) connection.close(error);
    this.fail(error);
  }

  private serve(): void {
    this.connections = this.connections.filter((connection) => !connection.ended);
    // Backwards would be cheaper, but first come, first served.
    let next = 0;
    for (const connection of this.connections) {
      for (let room = connection.room; room > 0 && next < this.waiting.length; next += 1) {
        const waiting = this.waiting[next];
        if (!waiting || waiting.exchange.failure) continue;
        connection.start(waiting);
        room -= 1;
      }
    }
    if (next > 0) this.waiting = this.waiting.slice(next);
    this.waiting = this.waiting.filter(({ exchange }) => !exchange.failure);
    const wanted = this.connectionsWanted();
    while (this.opening < wanted) void this.open();
    if (this.isSpent && !this.isHttp1) this.onIdle();
  }

  /** Whether nothing is lost with it. */
  get isSpent(): boolean {
    return this.isHttp1 || this.connections.length + this.opening + this.waiting.length === 0;
  }

  /** One until it has told how many streams it takes, then as many as what waits would fill. */
  private connectionsWanted(): number {
    if (this.waiting.length === 0 || (this.isFull && this.connections.length > 0)) return 0;
    const usable = this.connections.filter((connection) => !connection.isLeaving);
    const [first] = usable;
    const capacity = first?.capacity ?? Infinity;
    if (usable.some((connection) => !connection.isSettled) || capacity === 0) return 0;
    const wanted = Math.max(1, Math.ceil(this.waiting.length / capacity));
    return Math.min(wanted, this.options.connectionsMax - this.connections.length);
  }

  private async open(): Promise<void> {
    this.opening += 1;
    try {
      const { hostname, port } = this.url;
      const socket = await this.connector.connect({
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        secure: true,
        protocols: ['h2', 'http/1.1'],
      });
      this.opening -= 1;
      if (socket.alpnProtocol === 'h2')
        this.connections.push(new Http2Connection(this.origin, socket, this.listener, this.options.pingMs));
      else this.turnToHttp1(() => this.http1.offer(this.origin, socket));
    } catch (error) {
      this.opening -= 1;
      // Others may still serve what waits.
      this.isFull = true;
      if (this.connections.length + this.opening === 0) this.fail(error);
    }
    this.serve();
  }

  private readonly listener = {
    onChange: () => {
      this.isFull = false;
      this.serve();
    },
    onHandedBack: (waiting: Waiting, wantsHttp1: boolean) => {
      waiting.handedBack += 1;
      if (waiting.handedBack > HAND_BACKS_MAX) {
        const { exchange } = waiting;
        const message = `${exchange.target}: the service takes no more requests`;
        exchange.cancel(new CallFailed('CALL_BROKEN', message, false));
        return;
      }
      this.waiting.unshift(waiting);
      if (wantsHttp1) this.turnToHttp1(() => undefined);
    },
  };

  private turnToHttp1(offer: () => void): void {
    this.isHttp1 = true;
    offer();
    for (const waiting of this.waiting.splice(0)) this.sendOverHttp1(waiting);
  }

  private sendOverHttp1({ path, headers, exchange }: Waiting): void {
    if (!exchange.failure) this.http1.send(this.origin, path, headers, exchange);
  }

  private fail(error: unknown): void {
    for (const { exchange } of this.waiting.splice(0)) exchange.cancel(callFailed(error, exchange.target, false));
  }
}
