import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const AUDIT = '/v1/api/audit';
const SECRET = 'hunter2-hunter2';

interface Entry {
  readonly trace_id: string;
  readonly timestamp: string;
  readonly who: string;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly made?: string;
}

/** What the API's own document says is audited. */
const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/swagger/openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, { 'x-audited'?: string }>>;
};
const audited = Object.values(document.paths)
  .flatMap((operations) => Object.values(operations))
  .flatMap((operation) => operation['x-audited'] ?? []);

/** The record of who did what: one suite for whatever Callboard is made of. */
export function describeAudit(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;
    let spec: string;
    const begun = new Date().toISOString();

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      // Its backends are connected to in the background.
      await until('the API to be ready', 30_000, async () => (await callboard.get('/v1/api/health')).status === 200);
      spec = await registered('Audited', { headers: { 'x-key': SECRET, old: SECRET } });
      await doEverything();
    }, 60_000);
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    async function registered(name: string, fields: object = {}): Promise<string> {
      const info = { title: 'A', version: '1' };
      const paths = { '/now': { get: { responses: {} } } };
      const text = JSON.stringify({ openapi: '3.1.0', info, servers: [{ url: service.address }], paths });
      const traceId = await callboard.register(name, text, fields);
      expect(await callboard.specEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
      return traceId;
    }

    /** Each action once, but for the removal of the Spec. */
    async function doEverything(): Promise<void> {
      const change = { headers: { 'x-key': `${SECRET}-2`, new: SECRET }, limits: { concurrency: 2 } };
      expect((await callboard.put(`/v1/api/spec/${spec}`, change)).status).toBe(204);
      for (const verb of ['pause', 'resume', 'sdk/python']) await callboard.post(`/v1/api/spec/${spec}/${verb}`, {});
      const later = await callboard.schedule('audited', 'GET', '/now', { delay: 'P1D' });
      const process = `/v1/api/scheduler/process/${later}`;
      expect((await callboard.delete(process)).status).toBe(204);
      expect((await callboard.post(`${process}/replay`, {})).status).toBe(200);
      for (const verb of ['replay', 'purge']) await callboard.post(`/v1/api/dead-letters/${verb}`, { kind: 'process' });
      await callboard.post('/v1/api/dead-letters/purge', { dry_run: true, kind: 'message' });
      const key = await callboard.post('/v1/api/keys', { name: 'ci', scopes: ['read'] });
      await callboard.delete(`/v1/api/keys/${(key.body as { trace_id: string }).trace_id}`);
      await callboard.post('/v1/api/projects', { name: 'team-a' });
      await callboard.put('/v1/api/projects/team-a', { title: 'Team A' });
      await callboard.delete('/v1/api/projects/team-a');
      const removed = await registered('removed');
      expect((await callboard.delete(`/v1/api/spec/${removed}`)).status).toBe(204);
    }

    async function list(query: Readonly<Record<string, string>> = {}): Promise<Entry[]> {
      const { status, body } = await callboard.get(`${AUDIT}?${new URLSearchParams(query).toString()}`);
      expect([status, body]).toEqual([200, expect.anything()]);
      return (body as { results: Entry[] }).results;
    }

    it('holds each action that the document says it does, and no plain scheduling', async () => {
      const entries = await list({ limit: '1000', who: `user:${deployment.username}` });
      const known = new Set(entries.map((entry) => entry.action));
      expect(audited.length).toBeGreaterThan(14);
      expect(audited.filter((action) => !known.has(action))).toEqual([]);
      expect([...known].filter((action) => !audited.includes(action))).toEqual([]);
      const unsure = entries.filter(({ action, outcome }) => action !== 'sdk.create' && outcome !== 'done');
      expect(unsure).toEqual([]);
      // A dry run is none.
      expect(entries.filter(({ action }) => action === 'dead-letters.purge')).toHaveLength(1);
    });

    it('tells who, what, from where, and what has changed, without secrets', async () => {
      const [entry] = await list({ action: 'spec.change', target: spec });
      expect(entry).toMatchObject({
        ...{ who: `user:${deployment.username}`, target: spec, from: '127.0.0.1', outcome: 'done', count: 1 },
        before: { headers: ['old', 'x-key'] },
        after: { headers: { 'x-key': 'changed', new: 'added', old: 'removed' }, limits: { concurrency: 2 } },
      });
      const [made] = await list({ action: 'spec.create', target: 'audited' });
      expect(made).toMatchObject({ made: spec, after: { name: 'audited', headers: ['old', 'x-key'] } });
      expect(await list({ action: 'spec.create', target: spec })).toEqual([made]);
      expect(JSON.stringify(await list({ limit: '1000' }))).not.toMatch(/hunter2|cb_[A-Za-z0-9]{16}_/);
    });

    it('holds what failed, with the reason', async () => {
      expect((await callboard.delete('/v1/api/spec/NoneNoneNoneNone')).status).toBe(404);
      expect(await list({ target: 'NoneNoneNoneNone' })).toMatchObject([
        {
          ...{ action: 'spec.remove', outcome: 'failed' },
          reason: 'Expected the trace id of a spec, got NoneNoneNoneNone, which names none.',
        },
      ]);
    });

    it('holds failed logins and what a credential was refused', async () => {
      const login = async (authorization: string, path: string, method = 'GET') =>
        (await fetch(`${deployment.api}${path}`, { method, headers: { authorization } })).status;
      for (let times = 0; times < 3; times += 1) {
        expect(await login(`Basic ${Buffer.from(`${SECRET}:x`).toString('base64')}`, AUDIT)).toBe(401);
      }
      const made = await callboard.post('/v1/api/keys', { name: 'reader', scopes: ['read'] });
      const { key, trace_id: keyId } = made.body as { key: string; trace_id: string };
      expect(await login(`Bearer ${key}`, `/v1/api/spec/${spec}`, 'DELETE')).toBe(403);
      await until('the refusals', 10_000, async () => (await list({ who: `key:${keyId}` })).length > 0);
      expect(await list({ who: `key:${keyId}` })).toMatchObject([
        { action: 'spec.remove', target: 'DELETE /v1/api/spec/:trace_id', outcome: 'refused' },
      ]);
      // The first is told at once, the others when the minute is over.
      await until('the failed login', 10_000, async () => (await list({ action: 'login' })).length > 0);
      const [refused] = await list({ action: 'login' });
      expect(refused).toMatchObject({ who: 'nobody', target: null, outcome: 'refused', from: '127.0.0.1' });
      expect(JSON.stringify(await list({ limit: '1000' }))).not.toContain(SECRET);
    });

    it('is listed page after page, each record once, newest first, by time', async () => {
      const to = new Date().toISOString();
      const all = await list({ limit: '1000', to });
      const pages: Entry[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = { to, limit: '5', ...(cursor && { cursor }) };
        const { body } = await callboard.get(`${AUDIT}?${new URLSearchParams(query).toString()}`);
        const page = body as { results: Entry[]; next_cursor: string | null };
        pages.push(...page.results);
        cursor = page.next_cursor;
      }
      expect(pages).toEqual(all);
      expect(all.map(({ timestamp }) => timestamp)).toEqual(
        all
          .map(({ timestamp }) => timestamp)
          .sort()
          .reverse(),
      );
      expect(await list({ to: begun })).toEqual([]);
    });

    it('is for admins, of one project, and never changed', async () => {
      const made = await callboard.post('/v1/api/keys', {
        name: 'all but admin',
        scopes: ['read', 'schedule', 'manage'],
      });
      const { key } = made.body as { key: string };
      const { status } = await fetch(`${deployment.api}${AUDIT}`, { headers: { authorization: `Bearer ${key}` } });
      expect(status).toBe(403);
      await callboard.post('/v1/api/projects', { name: 'team-b' });
      const other = await callboard.get(AUDIT).set('X-Project', 'team-b');
      expect(other.body).toMatchObject({ count: 0, results: [] });
      const [entry] = await list({ limit: '1' });
      // There is the list, which is only read, and no address of an entry.
      for (const [path, status] of [
        [AUDIT, 405],
        [`${AUDIT}/${entry?.trace_id ?? ''}`, 404],
      ] as const) {
        expect((await callboard.delete(path)).status).toBe(status);
        expect((await callboard.put(path, {})).status).toBe(status);
        expect((await callboard.post(path, {})).status).toBe(status);
      }
    });

    it.each(['?limit=0', '?from=yesterday', '?cursor=x', '?everything=1'])('refuses %s', async (query) => {
      expect((await callboard.get(`${AUDIT}${query}`)).status).toBe(400);
    });
  });
}
