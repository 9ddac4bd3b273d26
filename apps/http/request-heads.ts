import type { FastifyInstance, FastifyReply } from 'fastify';

export interface HeadLimits {
  readonly headersMaxCount: number;
  readonly urlMaxBytes: number;
}

/** A host and port as RFC 9110 section 7.2 has them, or nothing. */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(?::\d*)?$/;

/** Refuses requests by their head alone, before anything else is done about them. */
export function limitHeads(server: FastifyInstance, { headersMaxCount, urlMaxBytes }: HeadLimits): void {
  // Nearly all requests of a connection name the same one.
  let lastHost = '';
  server.addHook('onRequest', ({ raw }, reply, done) => {
    const { url = '', rawHeaders, headers, httpVersionMinor } = raw;
    if (url.length > urlMaxBytes) {
      refuse(reply, 414, `Expected an address of at most ${urlMaxBytes} bytes, got ${url.length}.`);
      return;
    }
    // No name, id or text of ours has one, and not all databases bear it.
    if (url.includes('%00')) {
      refuse(reply, 400, 'Expected an address without null bytes, got one.');
      return;
    }
    if (rawHeaders.length > headersMaxCount * 2) {
      refuse(reply, 431, `Expected at most ${headersMaxCount} headers, got ${rawHeaders.length / 2}.`);
      return;
    }
    const { host } = headers;
    if (host !== lastHost || host === '') {
      if (host === undefined ? httpVersionMinor > 0 : !HOST.test(host)) {
        refuse(
          reply,
          400,
          `Expected one header Host with a host and port, got ${host === undefined ? 'none' : 'other'}.`,
        );
        return;
      }
      lastHost = host ?? '';
    }
    const coding = headers['transfer-encoding'];
    if (coding !== undefined && !/^chunked$/i.test(coding)) {
      // RFC 9112 section 6.3: where such a body ends is anybody's guess.
      refuse(reply, 400, 'Expected the transfer coding chunked or none, got another.');
      return;
    }
    if (countOfHosts(rawHeaders) > 1) {
      refuse(reply, 400, 'Expected one header Host, got several.');
      return;
    }
    done();
  });
}

/** Node.js keeps the first and drops the others without a word; a proxy in front may have heeded the last. */
function countOfHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function refuse(reply: FastifyReply, status: number, message: string): void {
  void reply.status(status).header('Connection', 'close').send({ error: true, message });
}
