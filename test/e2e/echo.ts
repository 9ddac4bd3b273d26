import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface EchoedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A service that answers each request with what it was, unless it was told what to answer. */
export interface Echo {
  readonly address: string;
  /** What is answered from now on; null: what was asked. */
  answer: {
    readonly status: number;
    readonly type: string;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  } | null;
  /** What it was asked so far, oldest first. */
  readonly received: readonly EchoedRequest[];
  stop(): Promise<void>;
}

export async function startEcho(): Promise<Echo> {
  const received: EchoedRequest[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const echoed: EchoedRequest = { method, url, headers, body: body.toString() };
      received.push(echoed);
      const {
        status,
        type,
        body: text,
        headers: more,
      } = echo.answer ?? {
        ...{ status: 200, type: 'application/json', body: JSON.stringify(echoed) },
      };
      response.writeHead(status, { 'content-type': type, ...more }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const echo: Echo = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: null,
    received,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return echo;
}
