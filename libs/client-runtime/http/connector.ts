import { lookup as lookUp } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { connect as connectPlain, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectSecure, createSecureContext } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import { errors } from 'undici';
import { Permanent } from '#core';
import type { CertificateCredential } from '#core';
import type { DialGuard } from './dial-guard.js';
import { tunnel } from './tunnel.js';
import type { Proxy, ProxyChoice } from './tunnel.js';

export interface ConnectorOptions {
  /** How long a connection may take to open, TLS included, in milliseconds. */
  readonly timeoutMs: number;
  /** PEM certificates to trust in place of those that Node does. */
  readonly ca?: string | readonly string[] | undefined;
  /** What is shown to services that ask who calls. */
  readonly certificate?: CertificateCredential | undefined;
  /** Default: every connection may be opened. */
  readonly guard?: DialGuard | undefined;
  /** Default: services are reached directly. */
  readonly proxies?: ProxyChoice | undefined;
  /** How names are looked up. Default: as the system does. */
  readonly lookup?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
}

/** Where to connect to. */
export interface Place {
  readonly hostname: string;
  /** Empty: that of the scheme. */
  readonly port: string;
  readonly secure: boolean;
  /** The name that the certificate must be for, where it is another than the host's. */
  readonly servername?: string | undefined;
  /** What is offered in the TLS handshake, most wanted first (RFC 7301). */
  readonly protocols: readonly ('h2' | 'http/1.1')[];
}

type Connected = Socket & Pick<Partial<TLSSocket>, 'alpnProtocol'>;

const KEEP_ALIVE_PROBE_MS = 60_000;
/** Of how many hosts the last TLS session is remembered, so that the next handshake is a short one. */
const SESSIONS_MAX = 100;

/** Opens connections, and can give up all that are not open yet. */
export class Connector {
  private readonly opening = new Set<AbortController>();
  private readonly sessions = new Map<string, Buffer>();
  private readonly secureContext: SecureContext | undefined;
  /** A proxy is not whom a certificate is for. */
  private readonly proxyContext: SecureContext | undefined;
  private readonly lookup: (host: string) => Promise<readonly LookupAddress[]>;
  private closed = false;

  /** @throws Permanent when the certificate and its key cannot be used. */
  constructor(private readonly options: ConnectorOptions) {
    this.secureContext = contextOf(options);
    this.proxyContext = options.proxies && contextOf({ ca: options.ca });
    this.lookup = options.lookup ?? ((host) => lookUp(host, { all: true }));
  }

  /**
   * @throws what Node does; DialRefused when the guard lets none be opened; ProxyFailed; ConnectTimeoutError when it
   *   takes too long; ClientDestroyedError once closed.
   */
  async connect(place: Place): Promise<Connected> {
    if (this.closed) throw new errors.ClientDestroyedError();
    const attempt = new AbortController();
    this.opening.add(attempt);
    const timer = setTimeout(() => attempt.abort(new errors.ConnectTimeoutError()), this.options.timeoutMs);
    try {
      return await this.open(place, attempt.signal);
    } finally {
      clearTimeout(timer);
      this.opening.delete(attempt);
    }
  }

  /** Gives up what is opening and opens nothing more. */
  close(): void {
    this.closed = true;
    for (const attempt of this.opening) attempt.abort(new errors.ClientDestroyedError());
  }

  private async open(place: Place, signal: AbortSignal): Promise<Connected> {
    const { hostname, secure } = place;
    const port = Number(place.port || (secure ? 443 : 80));
    const addresses = await this.addressesOf(hostname, port, signal);
    const proxy = addresses && this.options.proxies?.proxyFor(secure, hostname, port, addresses);
    const carrier = proxy && (await this.tunnelTo(proxy, addresses, port, signal));
    if (secure) return opened(this.openSecure(place, port, addresses, carrier), 'secureConnect', signal);
    if (carrier) return carrier;
    return opened(connectPlain({ host: hostname, port, ...pinned(addresses) }), 'connect', signal);
  }

  /** Undefined: nobody asks, and Node may look the host up itself. */
  private async addressesOf(
    host: string,
    port: number,
    signal: AbortSignal,
  ): Promise<readonly LookupAddress[] | undefined> {
    const { guard, proxies } = this.options;
    if (!guard && !proxies) return undefined;
    const family = isIP(host);
    const found = family === 0 ? await unlessAborted(this.lookup(host), signal) : [{ address: host, family }];
    return guard ? unlessAborted(guard.permitted(host, port, found), signal) : found;
  }

  /** Each address in turn, as Node does without a proxy. */
  private async tunnelTo(
    proxy: Proxy,
    addresses: readonly LookupAddress[],
    port: number,
    signal: AbortSignal,
  ): Promise<Socket> {
    let failure: unknown = new errors.SocketError('the host has no address');
    for (const address of addresses) {
      try {
        return ready(await tunnel(proxy, address, port, signal, this.proxyContext));
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  private openSecure(
    { hostname, servername, protocols }: Place,
    port: number,
    addresses: readonly LookupAddress[] | undefined,
    carrier: Socket | undefined,
  ): TLSSocket {
    const { secureContext } = this;
    const own = isIP(hostname) === 0 ? hostname : '';
    const name = servername === undefined || servername === '' ? own : servername;
    const key = `${name || hostname}:${port}`;
    const session = this.sessions.get(key);
    const socket = connectSecure({
      host: hostname,
      port,
      ...(carrier ? { socket: carrier } : pinned(addresses)),
      servername: name,
      ALPNProtocols: [...protocols],
      // Whatever the environment says.
      rejectUnauthorized: true,
      ...(secureContext && { secureContext }),
      ...(session && { session }),
    });
    return socket.on('session', (next) => {
      this.sessions.delete(key);
      this.sessions.set(key, next);
      const [oldest] = this.sessions.keys();
      if (this.sessions.size > SESSIONS_MAX && oldest !== undefined) this.sessions.delete(oldest);
    });
  }
}

/** Made once, since reading a hundred certificates takes its time. */
function contextOf({ ca, certificate }: Pick<ConnectorOptions, 'ca' | 'certificate'>): SecureContext | undefined {
  if (ca === undefined && !certificate) return undefined;
  const { certificate: cert, privateKey: key, passphrase } = certificate ?? {};
  try {
    return createSecureContext({ ...(ca !== undefined && { ca: [ca].flat() }), cert, key, passphrase });
  } catch (cause) {
    const message = 'Expected a client certificate and its private key in PEM that belong together, got others.';
    throw new Permanent('CREDENTIAL_UNUSABLE', message, { cause });
  }
}

/** Has Node connect to addresses that are known, whatever else a name may be looked up as by now. */
function pinned(addresses: readonly LookupAddress[] | undefined): { lookup?: LookupFunction } {
  const [first] = addresses ?? [];
  if (!addresses || !first) return {};
  const lookup: LookupFunction = (_host, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  return { lookup };
}

async function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  const onAbort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(event, resolve);
      socket.on('error', reject);
      if (signal.aborted) onAbort();
    });
    return ready(socket);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function ready<S extends Socket>(socket: S): S {
  socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MS).setNoDelay(true);
  return socket;
}

/** What cannot be broken off goes on for nobody. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
