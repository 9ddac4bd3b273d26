import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const SERVICE = 'followed';
const PATH = '/v1/api/scheduler/process';

interface Event {
  readonly id: string;
  readonly status: string;
  readonly step: readonly string[];
}

/** What following a process promises: one suite for whatever Callboard is made of. */
export function describeEvents(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      const document = { openapi: '3.1.0', info: { title: 'S', version: '1' }, servers: [{ url: service.address }] };
      const specId = await callboard.register(SERVICE, JSON.stringify({ ...document, paths: { '/a': { get: {} } } }));
      expect(await callboard.specEnded(specId)).toMatchObject({ status: 'SUCCESS' });
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    async function schedule(fields: object = {}): Promise<string> {
      const call = { service: SERVICE, method: 'GET', endpoint: '/a', ...fields };
      return ((await callboard.post(PATH, call)).body as { trace_id: string }).trace_id;
    }
    function follow(traceId: string, headers: Record<string, string> = {}): Promise<Response> {
      const credentials = Buffer.from(`${deployment.username}:${deployment.password}`).toString('base64');
      const authorised = { Authorization: `Basic ${credentials}`, ...headers };
      return fetch(`${deployment.api}${PATH}/${traceId}/events`, { headers: authorised });
    }
    /** Notes each event as it comes, and resolves when the stream ends. */
    async function read(response: Response, events: Event[] = []): Promise<Event[]> {
      let text = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const [, id, data = ''] = /^event: status\nid: (.*)\ndata: (.*)$/.exec(block) ?? [];
          if (id !== undefined) events.push({ id, ...(JSON.parse(data) as Omit<Event, 'id'>) });
        }
      }
      return events;
    }

    it('tells the status at once, each change, and ends with the last', async () => {
      const traceId = await schedule({ delay: 1 });
      const response = await follow(traceId);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      const events = await read(response);
      expect(events[0]).toMatchObject({ status: 'WAITING', step: ['Received in the API'] });
      expect(events.at(-1)).toMatchObject((await callboard.get(`${PATH}/${traceId}/status`)).body as object);
      expect(events.at(-1)?.status).toBe('SUCCESS');
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    });

    it('tells of a cancellation within half a second', async () => {
      const traceId = await schedule({ delay: 3_600 });
      const events: Event[] = [];
      const reading = read(await follow(traceId), events);
      await until('the first event', 5_000, () => Promise.resolve(events.length > 0));
      await callboard.delete(`${PATH}/${traceId}`);
      const cancelledAt = performance.now();
      await reading;
      expect(performance.now() - cancelledAt).toBeLessThan(500);
      expect(events.map(({ status }) => status)).toEqual(['WAITING', 'CANCELLED']);
    });

    it('goes on where a client was that comes back, and sends it away when it has seen all', async () => {
      const traceId = await schedule();
      await callboard.processEnded(traceId);
      const [last, ...more] = await read(await follow(traceId));
      expect([last?.status, more]).toEqual(['SUCCESS', []]);
      expect((await follow(traceId, { 'Last-Event-ID': last?.id ?? '' })).status).toBe(204);
      expect(await read(await follow(traceId, { 'Last-Event-ID': '0.0.1.WAITING' }))).toHaveLength(1);
    });

    it('serves many at once', async () => {
      const traceIds = await Promise.all(Array.from({ length: 20 }, () => schedule({ delay: 1 })));
      const streams = await Promise.all([...traceIds, ...traceIds].map((traceId) => follow(traceId)));
      const all = await Promise.all(streams.map((stream) => read(stream)));
      expect(all.map((events) => events.at(-1)?.status)).toEqual(all.map(() => 'SUCCESS'));
    });

    it('refuses like other routes', async () => {
      const response = await follow('aaaaaaaaaaaaaaaa');
      expect([response.status, await response.json()]).toMatchObject([404, { error: true }]);
      expect((await fetch(`${deployment.api}${PATH}/aaaaaaaaaaaaaaaa/events`)).status).toBe(401);
    });

    it('ends with the server, without holding it up', async () => {
      const traceId = await schedule({ delay: 3_600 });
      const reading = read(await follow(traceId));
      const begun = performance.now();
      await deployment.stop();
      expect((await reading).map(({ status }) => status)).toEqual(['WAITING']);
      expect(performance.now() - begun).toBeLessThan(8_000);
    });
  });
}
