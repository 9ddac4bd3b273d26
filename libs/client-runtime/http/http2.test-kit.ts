import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';

/** A certificate for localhost and 127.0.0.1 until 2126, good for nothing but tests. */
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq++wb/XSbU+DqwJp
qQYl+qc8xAjwGdsoehqSTEjiJD6hRANCAAQJz+uJBn03Uu1pVjOOY4iL7HggcM4d
StUGkfyhCvtNOdVw6iOjlQT0COLKCrvmrxPubea58v6LdI+Kws6M4Zm8
-----END PRIVATE KEY-----`;
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqDCCAU2gAwIBAgIUY3IfMYeyTzwfsVOMPhDAGgYLdUswCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPQ2FsbGJvYXJkIHRlc3RzMCAXDTI2MTEyMjEyMDcxNFoYDzIx
MjYxMDI5MTIwNzE0WjAaMRgwFgYDVQQDDA9DYWxsYm9hcmQgdGVzdHMwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAAQJz+uJBn03Uu1pVjOOY4iL7HggcM4dStUGkfyh
CvtNOdVw6iOjlQT0COLKCrvmrxPubea58v6LdI+Kws6M4Zm8o28wbTAdBgNVHQ4E
FgQU05jymKkgd6JBnGDi5gPK89Vljl0wHwYDVR0jBBgwFoAU05jymKkgd6JBnGDi
5gPK89Vljl0wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SH
BH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAOaKY3GQ3ZjC9MucQ7zLWCJXT/V9B0VY
0FaHmjNjuX+RAiEArvcA+G4xsPJSRDcVO1FoT3hJPXheDPlCh15YKBYdTWk=
-----END CERTIFICATE-----`;

/** An HTTP/2 service of Node's own. */
export class Http2Service {
  readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Socket>();
  /** How many connections have been opened so far. */
  connections = 0;
  /** How many connections were one too many. */
  dropped = 0;

  private constructor(
    private readonly server: Http2SecureServer,
    readonly url: string,
  ) {}

  static async start(
    onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
    options: { maxConcurrentStreams?: number; port?: number; maxConnections?: number } = {},
  ): Promise<Http2Service> {
    const { maxConcurrentStreams = 2_000, port = 0, maxConnections } = options;
    const server = createSecureServer({ key: KEY, cert: CERTIFICATE, settings: { maxConcurrentStreams } });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    if (maxConnections !== undefined) server.maxConnections = maxConnections;
    const service = new Http2Service(server, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('drop', () => (service.dropped += 1));
    server.on('connection', (socket: Socket) => service.sockets.add(socket));
    server.on('session', (session) => {
      service.connections += 1;
      service.sessions.add(session.on('error', () => undefined));
      session.on('close', () => service.sessions.delete(session));
    });
    server.on('stream', (stream, headers) =>
      onStream(
        stream.on('error', () => undefined),
        headers,
      ),
    );
    return service;
  }

  /** Stops listening and ends all connections. Does not wait for Node, which may lose sight of a broken one. */
  close(): void {
    this.server.close();
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** A frame as it came: https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
export interface Frame {
  readonly type: number;
  readonly stream: number;
}

export const TYPES = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACKNOWLEDGED = 1;
const PREFACE_BYTES = 24;

function frame(type: number, flags: number, stream: number, ...content: (Buffer | number)[]): Buffer {
  const parts = content.map((part) => {
    if (Buffer.isBuffer(part)) return part;
    const word = Buffer.alloc(4);
    word.writeUInt32BE(part);
    return word;
  });
  const head = Buffer.alloc(9);
  head.writeUIntBE(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
    3,
  );
  head.writeUIntBE((type << 8) | flags, 3, 2);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, ...parts]);
}

/** What a service may say that Node's own cannot be made to. */
export const say = {
  ok: (stream: number) => frame(TYPES.headers, END_HEADERS, stream, Buffer.from([0x88])),
  data: (stream: number, text: string, last = false) =>
    frame(TYPES.data, last ? END_STREAM : 0, stream, Buffer.from(text)),
  reset: (stream: number, code: number) => frame(TYPES.reset, 0, stream, code),
  goaway: (lastStream: number, code: number) => frame(TYPES.goaway, 0, 0, lastStream, code),
};

/** A service that reads frames and answers with whatever bytes a test has for them. */
export class RawHttp2Service {
  private readonly sockets = new Set<TLSSocket>();
  connections = 0;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  /** @param onFrame is told each frame, with the number of its connection from 1. */
  static async start(
    onFrame: (frame: Frame, socket: TLSSocket, connection: number) => void,
    protocols = ['h2'],
  ): Promise<RawHttp2Service> {
    const server = createServer({ key: KEY, cert: CERTIFICATE, ALPNProtocols: protocols });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const service = new RawHttp2Service(server, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('secureConnection', (socket) => {
      service.connections += 1;
      service.sockets.add(socket);
      serve(socket, service.connections, onFrame);
    });
    return service;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}

function serve(socket: TLSSocket, connection: number, onFrame: Parameters<typeof RawHttp2Service.start>[0]): void {
  let bytes = Buffer.alloc(0);
  let greeted = false;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!greeted) {
      if (socket.alpnProtocol !== 'h2') {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhttp');
        return;
      }
      if (bytes.length < PREFACE_BYTES) return;
      bytes = bytes.subarray(PREFACE_BYTES);
      greeted = true;
      socket.write(frame(TYPES.settings, 0, 0));
    }
    while (bytes.length >= 9) {
      const length = bytes.readUIntBE(0, 3);
      if (bytes.length < 9 + length) return;
      const type = bytes.readUInt8(3);
      const flags = bytes.readUInt8(4);
      const stream = bytes.readUInt32BE(5);
      bytes = bytes.subarray(9 + length);
      if (type === TYPES.settings && (flags & ACKNOWLEDGED) === 0) {
        socket.write(frame(TYPES.settings, ACKNOWLEDGED, 0));
      }
      onFrame({ type, stream }, socket, connection);
    }
  });
}
