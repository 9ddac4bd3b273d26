import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A service that tells all it was sent, in each way a service may go wrong. */
export interface LeakyService {
  readonly address: string;
  stop(): Promise<void>;
}

/** @param plant makes a secret of the service's own, for a place. */
export async function startLeakyService(plant: (place: string) => string): Promise<LeakyService> {
  const own = {
    header: plant('a header of an answer'),
    cookie: plant('a cookie of an answer'),
    location: plant('the address of a redirect'),
    token: plant('a fetched token'),
    refresh: plant('a refresh token that came with it'),
  };
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url = '', method, headers } = request;
      const echo = JSON.stringify({ url, method, headers, body: body.toString() });
      const head = { 'content-type': 'application/json', 'x-own': own.header, 'set-cookie': `a=${own.cookie}` };
      if (url.startsWith('/token')) {
        const token = { access_token: own.token, refresh_token: own.refresh, token_type: 'Bearer', expires_in: 60 };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
      } else if (url.includes('/reset')) request.socket.destroy();
      else if (url.includes('/silent')) return;
      else if (url.includes('/garbage')) request.socket.end(`garbage ${echo}\r\n\r\n`);
      else if (url.includes('/redirect'))
        response.writeHead(302, { ...head, location: `/echo?at=${own.location}` }).end();
      else if (url.includes('/large')) response.writeHead(200, head).end(echo.padEnd(200_000));
      else {
        const status = Number(/\/status\/(\d+)/.exec(url)?.[1] ?? 200);
        response.writeHead(status, head).end(echo);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
