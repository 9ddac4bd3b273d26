import { connect as connectPlain, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { errors } from 'undici';

export interface ConnectorOptions {
  /** How long a connection may take to open, TLS included, in milliseconds. */
  readonly timeoutMs: number;
  /** PEM certificates to trust in place of those that Node does. */
  readonly ca?: string | readonly string[] | undefined;
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

const KEEP_ALIVE_PROBE_MS = 60_000;
/** Of how many hosts the last TLS session is remembered, so that the next handshake is a short one. */
const SESSIONS_MAX = 100;

/** Opens connections, and can give up all that are not open yet. */
export class Connector {
  private readonly opening = new Set<Socket>();
  private readonly sessions = new Map<string, Buffer>();
  private closed = false;

  constructor(private readonly options: ConnectorOptions) {}

  /** @throws what Node does; ConnectTimeoutError when it takes too long; ClientDestroyedError once closed. */
  async connect(place: Place): Promise<Socket & Pick<Partial<TLSSocket>, 'alpnProtocol'>> {
    if (this.closed) throw new errors.ClientDestroyedError();
    const socket = place.secure ? this.openSecure(place) : openPlain(place);
    socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MS).setNoDelay(true);
    this.opening.add(socket);
    const timer = setTimeout(() => socket.destroy(new errors.ConnectTimeoutError()), this.options.timeoutMs);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once(place.secure ? 'secureConnect' : 'connect', resolve);
        socket.on('error', reject);
      });
      return socket;
    } finally {
      clearTimeout(timer);
      this.opening.delete(socket);
    }
  }

  /** Gives up what is opening and opens nothing more. */
  close(): void {
    this.closed = true;
    for (const socket of this.opening) socket.destroy(new errors.ClientDestroyedError());
  }

  private openSecure({ hostname, port, servername, protocols }: Place): TLSSocket {
    const { ca } = this.options;
    const own = isIP(hostname) === 0 ? hostname : '';
    const name = servername === undefined || servername === '' ? own : servername;
    const key = `${name || hostname}:${port}`;
    const session = this.sessions.get(key);
    const socket = connectSecure({
      host: hostname,
      port: Number(port || 443),
      servername: name,
      ALPNProtocols: [...protocols],
      ...(ca === undefined ? {} : { ca: [ca].flat() }),
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

function openPlain({ hostname, port }: Place): Socket {
  return connectPlain({ host: hostname, port: Number(port || 80) });
}
