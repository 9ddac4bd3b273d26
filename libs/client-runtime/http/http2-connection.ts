import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { Socket } from 'node:net';
import { errors } from 'undici';
import { CallFailed } from './call-failed.js';
import type { Exchange } from './exchange.js';
import { MAX_HEADER_BYTES } from './http1.js';
import { fieldsOf, headersFrom } from './http2-fields.js';
import type { Waiting } from './waiting.js';

/** What a connection tells its origin. */
export interface Http2Listener {
  /** There may be room for more streams, or the connection has ended. */
  onChange(): void;
  /** The service did not look at the request, which may be sent again: otherwise, or over another connection. */
  onHandedBack(waiting: Waiting, wantsHttp1: boolean): void;
}

/** Streams at a time, whatever the service would take. */
const STREAMS_MAX = 1_000;
/** How much of one answer, and of all together, may be on its way: what fills a fast and long line. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** What Node may hold for one connection: requests' bodies and answers that are held back. */
const MEMORY_MAX_MB = 1_024;
const HEADERS_MAX = 1_000;
const IDLE_MS = 30_000;
/** So often a service is asked in vain whether it is still there. */
const PINGS_UNANSWERED_MAX = 3;

/** https://www.rfc-editor.org/rfc/rfc9113#section-7 */
const ERRORS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** One HTTP/2 connection and the requests on it. */
export class Http2Connection {
  private readonly session: ClientHttp2Session;
  private readonly authority: string;
  private open = 0;
  private leaving = false;
  private settled = false;
  /** Streams above it were not looked at (RFC 9113, section 6.8). */
  private lastProcessed = Infinity;
  private idle: NodeJS.Timeout | undefined;
  private readonly ping: NodeJS.Timeout;
  private unanswered = 0;
  private bytesRead = 0;

  constructor(
    origin: string,
    private readonly socket: Socket,
    private readonly listener: Http2Listener,
    pingMs: number,
  ) {
    this.authority = new URL(origin).host;
    this.session = connect(origin, {
      createConnection: () => socket,
      maxSessionMemory: MEMORY_MAX_MB,
      maxHeaderListPairs: HEADERS_MAX,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES, maxHeaderListSize: MAX_HEADER_BYTES },
    });
    this.session
      .on('connect', () => this.session.setLocalWindowSize(CONNECTION_WINDOW_BYTES))
      .on('remoteSettings', () => {
        this.settled = true;
        listener.onChange();
      })
      .on('goaway', (_code: number, lastStreamId: number) => {
        this.leaving = true;
        this.lastProcessed = lastStreamId;
      })
      // Each stream hears of it as well.
      .on('error', () => undefined)
      .on('close', () => {
        clearInterval(this.ping);
        clearTimeout(this.idle);
        listener.onChange();
      });
    this.ping = setInterval(() => this.check(), pingMs).unref();
    this.rest();
  }

  get ended(): boolean {
    return this.session.destroyed;
  }

  /** Takes no more streams, and ends with those that it has. */
  get isLeaving(): boolean {
    return this.leaving || this.session.closed || this.session.destroyed;
  }

  /** Whether the service has told its limits. */
  get isSettled(): boolean {
    return this.settled;
  }

  /** How many streams it takes at a time; one until the service has said. */
  get capacity(): number {
    const said = this.settled ? this.session.remoteSettings.maxConcurrentStreams : 1;
    return Math.min(said ?? STREAMS_MAX, STREAMS_MAX);
  }

  /** How many more streams it takes now. */
  get room(): number {
    return this.isLeaving ? 0 : this.capacity - this.open;
  }

  start(waiting: Waiting): void {
    const { exchange } = waiting;
    const { body } = exchange.request;
    let stream: ClientHttp2Stream;
    try {
      stream = this.session.request(fieldsOf(this.authority, waiting), { endStream: body === undefined });
    } catch (error) {
      // The connection ended a moment ago, and nobody has told yet.
      if (this.session.closed || this.session.destroyed) this.listener.onHandedBack(waiting, false);
      else exchange.broken(error);
      return;
    }
    this.open += 1;
    if (this.open === 1) this.wake();
    exchange.begin({
      abort: () => {
        stream.close(constants.NGHTTP2_CANCEL);
        // What is held back would keep it waiting to be read.
        stream.destroy();
      },
      hold: () => stream.pause(),
      release: () => stream.resume(),
    });
    this.follow(stream, waiting);
    if (body !== undefined) stream.end(body);
  }

  close(error: Error): void {
    this.session.destroy(error);
    this.socket.destroy();
  }

  private follow(stream: ClientHttp2Stream, waiting: Waiting): void {
    const { exchange } = waiting;
    let started = false;
    let settled = false;
    let cause: unknown = new errors.SocketError('closed');
    let missing: number | undefined;
    stream.on('response', (fields: IncomingHttpHeaders & IncomingHttpStatusHeader, _flags: number, raw?: unknown) => {
      started = true;
      const headers = headersFrom(raw);
      const status = fields[':status'] ?? 0;
      // https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1: what is said of a body that is not sent.
      const isBare = exchange.request.method === 'HEAD' || status === 304;
      const length = isBare ? undefined : fields['content-length'];
      if (length !== undefined && /^\d+$/.test(length)) missing = Number(length);
      exchange.head(status, headers);
      // Not before: Node may tell of the body's start ahead of the headers.
      stream.on('data', (chunk: Buffer) => {
        if (missing !== undefined) missing -= chunk.length;
        exchange.data(chunk);
      });
    });
    stream.on('error', (error: unknown) => {
      cause = error;
    });
    stream.on('end', () => {
      // A stream that was reset ends as well.
      if (!started || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
      settled = true;
      if (missing !== undefined && missing > 0 && !exchange.failure)
        exchange.broken(new errors.ResponseContentLengthMismatchError());
      else exchange.end();
      // An answer to what was not sent to its end.
      if (!stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('close', () => {
      this.open -= 1;
      if (!settled) this.breakOff(stream, waiting, started, cause);
      if (this.open === 0) this.rest();
      this.listener.onChange();
    });
  }

  private breakOff(stream: ClientHttp2Stream, waiting: Waiting, started: boolean, cause: unknown): void {
    const { exchange } = waiting;
    const code = stream.rstCode;
    const wantsHttp1 = code === constants.NGHTTP2_HTTP_1_1_REQUIRED;
    const unread =
      code === constants.NGHTTP2_REFUSED_STREAM || stream.id === undefined || stream.id > this.lastProcessed;
    if (!started && !exchange.failure && (unread || wantsHttp1)) {
      exchange.takeBack();
      this.listener.onHandedBack(waiting, wantsHttp1);
    } else {
      exchange.broken(isOfConnection(cause, this.session) ? cause : endedStream(exchange, code));
    }
  }

  private wake(): void {
    clearTimeout(this.idle);
    this.session.ref();
    this.unanswered = 0;
  }

  /** Nothing is under way: neither does it keep the process running, nor is it kept for long. */
  private rest(): void {
    this.session.unref();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.session.close(), IDLE_MS).unref();
  }

  /**
   * A service that is gone without a word would keep all calls waiting to their end; and Node does not see that a
   * connection was reset while it writes.
   */
  private check(): void {
    const { bytesRead } = this.socket;
    const isQuiet = bytesRead === this.bytesRead;
    this.bytesRead = bytesRead;
    if (this.session.destroyed || this.open === 0 || !isQuiet) {
      this.unanswered = 0;
    } else if (this.unanswered === PINGS_UNANSWERED_MAX) {
      this.close(new errors.SocketError('no sign of life'));
    } else {
      this.unanswered += 1;
      // The answer shows in what was read.
      this.session.ping(() => undefined);
    }
  }
}

/** Whether it is not the stream that has broken, but the connection under all of them. */
function isOfConnection(cause: unknown, session: ClientHttp2Session): boolean {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return session.destroyed && !code.startsWith('ERR_HTTP2');
}

function endedStream(exchange: Exchange, code: number): CallFailed {
  const words = `${exchange.target}: the service broke off with ${ERRORS[code] ?? code}`;
  return new CallFailed('CALL_BROKEN', words, exchange.sent);
}
