import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '#adapters';
import { buildRequest, CallFailed, EgressGuard, HttpCaller, Proxies } from '#client-runtime';
import type { EgressOptions, HttpCallerOptions } from '#client-runtime';
import { Permanent } from '#core';
import * as tables from '../../../libs/testing/operation-tables.js';
import { CERTIFICATE, Http2Service } from '../../../libs/client-runtime/http/http2.test-kit.js';
import { DnsServer } from './dns-server.js';
import type { Zone } from './dns-server.js';

/** One attempt to have a request go where it does not belong. */
export interface Attack {
  readonly name: string;
  /** How it has to end: `served` is for a request that may go on, but only to where it was let. */
  readonly ends: 'refused' | 'served';
  readonly call: () => Promise<unknown>;
}

/** The one address that may be called when private networks may not, and one that may not: nobody need listen there. */
export const FRONT = '127.0.0.1';
export const VICTIM = '127.0.0.2';

const OPERATION = tables.operation({ method: 'POST', path: '/' });
const TABLE = tables.table([OPERATION]);

/** Where attacks are made: services that may be called, victims that may not, a name server, a proxy. */
export class Range {
  readonly zone: Zone = new Map();
  readonly dns = new DnsServer(this.zone);
  readonly clock = new SystemClock();
  /** What the proxy was asked to connect to. */
  readonly connected: string[] = [];
  private readonly callers: HttpCaller[] = [];

  private constructor(
    private readonly servers: readonly Server[],
    readonly http2: Http2Service,
    /** `http://127.0.0.1:port`, which redirects `/?STATUS LOCATION`, and answers all else. */
    readonly front: string,
    readonly frontPort: number,
    readonly victimPort: number,
    readonly proxyPort: number,
  ) {}

  static async open(): Promise<Range> {
    const proxy = createServer();
    const [front, victim] = [createServer(answer), createServer((_, response) => response.end('secret'))];
    const frontPort = await listening(front, FRONT);
    const victimPort = await listening(victim, FRONT);
    const proxyPort = await listening(proxy, FRONT);
    const http2 = await Http2Service.start((stream, headers) => {
      const [status, location] = redirectIn(String(headers[':path']));
      const extra = { 'alt-svc': `h2="${VICTIM}:${victimPort}"` };
      stream.respond({ ':status': status, ...extra, ...(location !== undefined && { location }) });
      stream.end('served');
    });
    const address = `http://${FRONT}:${frontPort}`;
    const range = new Range([front, victim, proxy], http2, address, frontPort, victimPort, proxyPort);
    proxy.on('connect', ({ url = '' }, client) => {
      range.connected.push(url);
      const upstream = connect(Number(url.slice(url.lastIndexOf(':') + 1)), FRONT, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [upstream, client]) socket.on('error', () => undefined);
    });
    await range.dns.start();
    return range;
  }

  /** A caller that may call nothing private but the front. */
  caller(egress: Partial<EgressOptions> = {}, options: HttpCallerOptions = {}): HttpCaller {
    const { clock, dns } = this;
    const guard = new EgressGuard({ clock, allowPrivate: false, allow: [FRONT], lookup: dns.lookup, ...egress });
    const caller = new HttpCaller({ guard, lookup: dns.lookup, ca: CERTIFICATE, connectTimeoutMs: 5_000, ...options });
    this.callers.push(caller);
    return caller;
  }

  /** The same through the proxy. */
  proxied(egress: Partial<EgressOptions> = {}): HttpCaller {
    const proxy = `http://${FRONT}:${this.proxyPort}`;
    return this.caller(egress, { proxies: new Proxies({ http: proxy, https: proxy }) });
  }

  /** A name that is looked up as these in turn. */
  name(label: string, ...turns: readonly (readonly string[])[]): string {
    const name = `${label}.test`;
    this.zone.set(name, turns);
    return name;
  }

  /** Where connections may go: to the services, and to what they were let through by. */
  isExpected(place: string): boolean {
    const ports = [this.frontPort, this.proxyPort, Number(new URL(this.http2.url).port)];
    return ports.some((port) => place === `${FRONT} ${port}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.callers.map((caller) => caller.close()));
    this.dns.close();
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
    this.http2.close();
  }
}

/** Calls an address as a Spec's `url` has it be called. */
export function callAt(caller: HttpCaller, url: string): Attack['call'] {
  return async () => {
    // What a URL has behind its host is the service's base path and query.
    const request = buildRequest(TABLE, OPERATION, { url });
    return caller.call(request, { timeoutMs: 10_000 });
  };
}

/** Whether a call ended because it was not let go where it wanted to; anything else is no refusal. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof CallFailed) return error.fault === 'EGRESS_REFUSED' || error.fault === 'CALL_REDIRECT';
  return error instanceof Permanent && ['SERVER_UNKNOWN', 'TOKEN_URL_UNKNOWN'].includes(error.code);
}

function answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const [status, location] = redirectIn(url);
  response.writeHead(status, location === undefined ? {} : { location });
  response.end('served');
}

/** `/?307 http://…`, percent-encoded; a location is sent as it is, byte by byte. */
function redirectIn(path: string): [number, string | undefined] {
  const [, query] = path.split('?', 2);
  if (query === undefined) return [200, undefined];
  const [status = '', ...rest] = decodeURIComponent(query).split(' ');
  return [Number(status), Buffer.from(rest.join(' '), 'utf8').toString('latin1')];
}

async function listening(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
