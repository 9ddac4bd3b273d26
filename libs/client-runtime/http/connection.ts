import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { errors } from 'undici';

/** https://undici.nodejs.org/#/docs/api/DiagnosticsChannel.md */
const LEAVING = 'undici:client:sendHeaders';
const STATUS_LINE = /^HTTP\/1\.[01] 1\d\d[ \r]/;
/** `HTTP/1.1 100 `: so much tells whether it is informational. */
const STATUS_LINE_BYTES = 13;
const SWITCHING_PROTOCOLS = '101';
const END_OF_HEAD = '\r\n\r\n';
/** Longer information ends the connection. */
const MAX_INFORMATION_BYTES = 64 * 1024;

let watching = false;
let waiting: ((connection: Connection) => void) | undefined;
const known = new WeakMap<Socket, Connection>();

/**
 * Finds the connection over which a request leaves. To be called when undici starts the request, which it writes in
 * the same turn.
 * @param onLeaving is told the connection right before the request is written.
 *
 * undici's own way to hold a body back pauses its parser. A parser that is paused when the service closes the
 * connection fails an assertion in an event handler, which ends the process, or loses an answer that came whole. So
 * the socket is held back in its place, and the parser never.
 */
export function whenLeaving(onLeaving: (connection: Connection) => void): void {
  if (!watching) subscribe(LEAVING, left);
  watching = true;
  waiting = onLeaving;
}

/** Hears of every request in the process. */
function left(message: unknown): void {
  if (!waiting) return;
  const onLeaving = waiting;
  waiting = undefined;
  const { socket } = message as { socket: Socket };
  const connection = known.get(socket) ?? new Connection(socket);
  known.set(socket, connection);
  connection.restart();
  onLeaving(connection);
}

/** A connection with at most one request under way. */
export class Connection {
  private held = false;
  /** Whether no byte of the final answer has come yet. */
  private expecting = false;
  private started: Buffer | undefined;

  constructor(private readonly socket: Socket) {
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    socket.read = (size?: number): Buffer | null => {
      // Reading nothing is how streams ask for more of themselves, as far as their buffer goes.
      if (size === 0) return read(0);
      while (!this.held) {
        const chunk = read(size);
        if (chunk === null || !this.expecting) return chunk;
        const rest = this.withoutInformation(chunk);
        if (rest) return rest;
      }
      return null;
    };
  }

  /** Lets nothing more through than what is already on its way to the parser. */
  hold(): void {
    this.held = true;
  }

  /** Ends `hold`. What has come goes through soon, never before this returns. */
  release(): void {
    if (!this.held) return;
    this.held = false;
    process.nextTick(() => {
      if (!this.held && !this.socket.destroyed) this.socket.emit('readable');
    });
  }

  /** To be called when a request leaves: what comes next is the start of its answer. */
  restart(): void {
    this.held = false;
    this.expecting = true;
    this.started = undefined;
  }

  /**
   * Skips informational answers, some of which undici takes for an error though a client must be ready for them.
   * https://www.rfc-editor.org/rfc/rfc9110#section-15.2
   * @returns undefined when all of it was skipped, or too little has come to tell.
   */
  private withoutInformation(chunk: Buffer): Buffer | undefined {
    let bytes = this.started ? Buffer.concat([this.started, chunk]) : chunk;
    this.started = undefined;
    while (bytes.length > 0) {
      const line = bytes.toString('latin1', 0, STATUS_LINE_BYTES);
      const mayBeInformation =
        line.length < STATUS_LINE_BYTES ? 'HTTP/1.1 1'.startsWith(line.slice(0, 10)) : STATUS_LINE.test(line);
      if (!mayBeInformation || line.slice(9, 12) === SWITCHING_PROTOCOLS) break;
      const end = bytes.indexOf(END_OF_HEAD);
      if (end === -1) {
        if (bytes.length > MAX_INFORMATION_BYTES) this.socket.destroy(new errors.HeadersOverflowError());
        else this.started = bytes;
        return undefined;
      }
      bytes = bytes.subarray(end + END_OF_HEAD.length);
    }
    if (bytes.length === 0) return undefined;
    this.expecting = false;
    return bytes;
  }
}
