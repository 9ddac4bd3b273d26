import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  /** What stands between method and protocol, nothing decoded. */
  readonly target: string;
  /** Names in lower case, values as UTF-8, in the order received. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** A server that answers everything with 204 and hands out what it got, byte for byte. */
export class CaptureServer {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      const request = readRequest(pending);
      if (!request) return;
      pending = Buffer.alloc(0);
      this.last.push(request);
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  private readonly last: RawRequest[] = [];

  /** @returns its address, `http://127.0.0.1:port`. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /**
   * What came since the last time.
   * @throws Error when that is not exactly one request.
   */
  take(): RawRequest {
    const [request, ...others] = this.last.splice(0);
    if (!request || others.length > 0)
      throw new Error(`Expected one request, got ${others.length + (request ? 1 : 0)}.`);
    return request;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

/** Undefined until the whole of it is there. https://www.rfc-editor.org/rfc/rfc9112#section-2.1 */
function readRequest(bytes: Buffer): RawRequest | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...fields] = bytes.subarray(0, end).toString('utf8').split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const headers = fields.map((text): [string, string] => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
  });
  const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
  const body = bytes.subarray(end + 4);
  return body.length < length ? undefined : { method, target, headers, body };
}
