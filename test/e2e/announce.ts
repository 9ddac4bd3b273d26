import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/** Says how long a body will be, and returns the answer to that; the body itself is never sent. */
export async function announce(
  url: string,
  bytes: number,
  auth: string,
): Promise<{ status: number | undefined; body: unknown }> {
  const outgoing = httpRequest(url, {
    method: 'POST',
    auth,
    headers: { 'content-type': 'application/json', 'content-length': String(bytes) },
  });
  outgoing.flushHeaders();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = await json(response);
  outgoing.destroy();
  return { status: response.statusCode, body };
}
