import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import { eventually, Gate } from '#testing';
import { limitInFlight } from './in-flight.js';

const KIB = 1024;

describe('requests beyond those under way', () => {
  let server: FastifyInstance;
  let address: string;
  let gate: Gate;
  let entered: number;
  let begun: number;

  beforeEach(async () => {
    gate = new Gate();
    entered = begun = 0;
    server = fastify({ bodyLimit: 20 * KIB, forceCloseConnections: true });
    const routes = { exempt: ['/ping'], long: ['/long'], streamed: ['/upload'] };
    const ownerOf = ({ headers }: FastifyRequest) => String(headers['x-project']);
    limitInFlight(server, { requests: 3, bodyBytes: 10 * KIB }, routes, { ownerOf, slowMs: 0 });
    const wait = async () => {
      entered += 1;
      await gate.opened;
      return {};
    };
    for (const url of ['/work', '/long', '/upload']) server.all(url, wait);
    const onRequest: onRequestHookHandler = (_request, _reply, done) => {
      begun += 1;
      done();
    };
    server.post('/slow', { onRequest }, wait);
    server.get('/ping', () => Promise.resolve({}));
    server.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    await server.listen({ port: 0, host: '127.0.0.1' });
    address = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    gate.open();
    await server.close();
  });

  const send = (path: string, bytes = 0, signal?: AbortSignal) =>
    fetch(`${address}${path}`, {
      ...(bytes > 0 && { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(bytes) }),
      ...(signal && { signal }),
    });
  const underWay = (count: number) => eventually(`${count} under way`, () => entered === count);

  it('are refused before their bodies are read, and told when to come again', async () => {
    const all = [1, 2, 3].map(() => send('/work'));
    await underWay(3);
    const refused = await send('/work', 5 * KIB);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.json()).toEqual({
      error: true,
      message: 'Expected at most 3 requests under way, and there are as many: try again in a moment.',
    });
    expect([(await send('/ping')).status, entered]).toEqual([200, 3]);
    gate.open();
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await send('/work')).status).toBe(200);
  });

  it('make room when their callers leave', async () => {
    const leaving = new AbortController();
    const left = [1, 2, 3].map(() => send('/work', 0, leaving.signal).catch(() => null));
    await underWay(3);
    leaving.abort();
    await Promise.all(left);
    gate.open();
    await eventually('room', async () => (await send('/work')).status === 200);
  });

  it('do not count where they have a limit of their own', async () => {
    const long = [1, 2, 3, 4].map(() => send('/long'));
    await underWay(4);
    gate.open();
    expect((await Promise.all(long)).every(({ status }) => status === 200)).toBe(true);
  });

  it('are refused for their bodies, but for one that is alone', async () => {
    const alone = send('/work', 18 * KIB);
    await underWay(1);
    expect((await send('/work', 1)).status).toBe(503);
    gate.open();
    expect((await alone).status).toBe(200);
  });

  it('are refused when their bodies have no room beside the others', async () => {
    const first = send('/work', 8 * KIB);
    await underWay(1);
    const refused = await send('/work', 3 * KIB);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await refused.text()).toContain('no room for this one');
    const small = send('/work', 1 * KIB);
    await underWay(2);
    gate.open();
    expect([(await first).status, (await small).status]).toEqual([200, 200]);
    expect((await send('/work', 9 * KIB)).status).toBe(200);
  });

  it('count as large as they may become when they do not say', async () => {
    const first = send('/work', 1 * KIB);
    await underWay(1);
    const status = await new Promise((resolve) => {
      const headers = { 'transfer-encoding': 'chunked', 'content-type': 'text/plain' };
      sendRequest(`${address}/work`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end('x');
    });
    expect(status).toBe(503);
    gate.open();
    expect((await first).status).toBe(200);
  });

  /** A request whose body does not come to its end. @returns how its connection ended, once it has. */
  function sendSlowly(project: string, bytes: number, path = '/slow'): { over: string | undefined } {
    const seen: { over: string | undefined } = { over: undefined };
    const headers = { 'x-project': project, 'content-type': 'text/plain', 'content-length': bytes };
    const request = sendRequest(`${address}${path}`, { method: 'POST', headers }, (answer) => {
      seen.over = String(answer.statusCode);
    });
    request.on('error', ({ message }) => (seen.over ??= message));
    request.write('x');
    return seen;
  }
  const sendFor = (project: string, path = '/work') =>
    fetch(`${address}${path}`, { headers: { 'x-project': project } });

  describe.each([
    ['requests', 2],
    ['bytes', 3 * KIB],
  ])('of one project whose bodies keep coming, and take all %s,', (_, bytes) => {
    it('make room for another, the oldest first, until that has as many', async () => {
      const slow: { over: string | undefined }[] = [];
      for (let count = 1; count <= 3; count += 1) {
        slow.push(sendSlowly('a', bytes));
        await eventually(`${count} under way`, () => begun === count);
      }
      const one = sendSlowly('b', 2 * KIB);
      await eventually('room', () => begun === 4);
      expect(await sendFor('a')).toMatchObject({ status: 503 });
      await eventually('the end of the oldest', () => slow[0]!.over !== undefined);
      expect(slow.map(({ over }) => over)).toEqual(['socket hang up', undefined, undefined]);
      expect(one.over).toBeUndefined();
    });
  });

  it('are refused where others have come whole', async () => {
    const all = [1, 2, 3].map(() => sendFor('a'));
    await underWay(3);
    expect((await sendFor('b')).status).toBe(503);
    gate.open();
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
