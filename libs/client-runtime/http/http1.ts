import type { Socket } from 'node:net';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Header } from '../serialise/headers.js';
import { callFailed } from './call-failed.js';
import type { Connection } from './connection.js';
import { whenLeaving } from './connection.js';
import type { Connector } from './connector.js';
import type { Exchange } from './exchange.js';

/** Services answer with more than Node's own 16 KiB now and then: cookies, policies. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** Requests over kept-alive HTTP/1.1 connections. */
export class Http1 {
  private readonly agent: Agent;
  /** Connections that were opened for another protocol, by origin. */
  private readonly spare = new Map<string, Socket>();

  constructor(connector: Connector, connectionsPerOrigin: number) {
    this.agent = new Agent({
      connect: ({ hostname, port, protocol, host, servername }, callback) => {
        const origin = `${protocol}//${host ?? ''}`;
        const spare = this.spare.get(origin);
        this.spare.delete(origin);
        if (spare && !spare.destroyed) {
          // As a connection that opens: never at once.
          queueMicrotask(() => callback(null, spare));
          return;
        }
        connector.connect({ hostname, port, secure: protocol === 'https:', servername, protocols: ['http/1.1'] }).then(
          (socket) => callback(null, socket),
          // Nothing but errors is thrown there.
          (error: unknown) => callback(error as Error, null),
        );
      },
      connections: connectionsPerOrigin,
      maxHeaderSize: MAX_HEADER_BYTES,
      // An exchange has timers of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends a request. @param headers names and values in turn, each character one byte. */
  send(origin: string, path: string, headers: string[], exchange: Exchange): void {
    const { method, body = null } = exchange.request;
    try {
      this.agent.dispatch({ origin, path, method, headers, body }, new Handler(exchange));
    } catch (error) {
      exchange.cancel(callFailed(error, exchange.target, false));
    }
  }

  /** Gives away an open connection for what is sent to that origin within this turn of the event loop. */
  offer(origin: string, socket: Socket): void {
    this.spare.set(origin, socket);
    setImmediate(() => {
      if (this.spare.get(origin) !== socket) return;
      this.spare.delete(origin);
      socket.destroy();
    });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

/** Tells an exchange what undici tells. */
class Handler implements Dispatcher.DispatchHandler {
  private connection: Connection | undefined;

  constructor(private readonly exchange: Exchange) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { failure } = this.exchange;
    // Cancelled while it waited for a connection.
    if (failure) {
      controller.abort(failure);
      return;
    }
    this.exchange.begin({
      abort: (error) => controller.abort(error),
      hold: () => this.connection?.hold(),
      release: () => this.connection?.release(),
    });
    whenLeaving((connection) => {
      this.connection = connection;
    });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status >= 200) this.exchange.head(status, headersFrom(controller.rawHeaders as readonly Buffer[]));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.exchange.data(chunk);
  }

  onResponseEnd(): void {
    this.exchange.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.exchange.broken(error);
  }
}

/** Names and values as they came. Latin-1 keeps every byte. */
function headersFrom(raw: readonly Buffer[]): Header[] {
  const headers: Header[] = [];
  let name: string | undefined;
  for (const part of raw) {
    const text = part.toString('latin1');
    if (name === undefined) {
      name = text;
    } else {
      headers.push([name, text]);
      name = undefined;
    }
  }
  return headers;
}
