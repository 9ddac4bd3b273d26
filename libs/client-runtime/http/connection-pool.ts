import { errors } from 'undici';
import type { HttpRequest } from '../request.js';
import type { Connector } from './connector.js';
import type { Exchange } from './exchange.js';
import { Http1 } from './http1.js';
import { SecureOrigin } from './secure-origin.js';
import type { SecureOriginOptions } from './secure-origin.js';

/** Services of which is remembered that they speak HTTP/1.1. */
const ORIGINS_MAX = 1_000;

/** Kept-alive connections to services, by origin: each was let through by the guard when it was opened. */
export class ConnectionPool {
  private readonly http1: Http1;
  private readonly secure = new Map<string, SecureOrigin>();
  private underWay = 0;

  constructor(
    private readonly connector: Connector,
    private readonly options: SecureOriginOptions,
  ) {
    this.http1 = new Http1(connector, options.connectionsMax);
  }

  /** Whether a request waits for its answer, or an answer for its reader. */
  get isBusy(): boolean {
    return this.underWay > 0;
  }

  /** @param headers names and values in turn, each character one byte. */
  send(request: HttpRequest, headers: string[], exchange: Exchange): void {
    this.follow(exchange);
    // A request's URL is absolute and has a path, so there is no need to parse it again.
    const pathStart = request.url.indexOf('/', 8);
    const origin = request.url.slice(0, pathStart);
    const path = request.url.slice(pathStart);
    // A host of one's own may need a certificate of its own, and so a connection of its own.
    if (origin.startsWith('https:') && !request.headers.some(([name]) => name.toLowerCase() === 'host')) {
      this.originOf(origin).send({ path, headers, exchange, handedBack: 0 });
    } else {
      this.http1.send(origin, path, headers, exchange);
    }
  }

  /** Closes all connections, those that are still opening as well; calls under way fail. */
  async close(): Promise<void> {
    this.connector.close();
    for (const origin of this.secure.values()) origin.close(new errors.ClientDestroyedError());
    this.secure.clear();
    await this.http1.close();
  }

  private follow(exchange: Exchange): void {
    this.underWay += 1;
    const ended = () => void (this.underWay -= 1);
    exchange.answer.then(({ body }) => {
      if (Buffer.isBuffer(body)) ended();
      else body.once('close', ended);
    }, ended);
  }

  private originOf(origin: string): SecureOrigin {
    const known = this.secure.get(origin);
    if (known) return known;
    if (this.secure.size >= ORIGINS_MAX) {
      for (const [name, other] of this.secure) if (other.isSpent) this.secure.delete(name);
    }
    const added = new SecureOrigin(origin, this.connector, this.http1, this.options, () => {
      if (this.secure.get(origin) === added) this.secure.delete(origin);
    });
    this.secure.set(origin, added);
    return added;
  }
}
