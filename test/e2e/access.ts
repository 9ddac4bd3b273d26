import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '#core';
import type { Scope } from '#core';
import { hashPassword } from '../../apps/api/auth/password.js';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo } from './echo.js';

const KEYS = '/v1/api/keys';
const PASSWORD = 'correct horse: ü';

interface Operation {
  readonly operationId: string;
  readonly 'x-scope'?: Scope;
}

interface Route {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly scope: Scope | undefined;
}

/** Every route of the API's own document. */
const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/swagger/openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, { operationId: id, 'x-scope': scope }]): Route => {
    return { id, method: method.toUpperCase(), path, scope };
  }),
);
const closed = routes.filter(({ scope }) => scope !== undefined);

interface Made {
  readonly trace_id: string;
  readonly key: string;
  readonly prefix: string;
}

/** Who may do what: one suite for whatever Callboard is made of. @param start takes variables beside its own */
export function describeAccess(title: string, start: (env: Record<string, string>) => Promise<Deployment>): void {
  describe(title, () => {
    let folder: string;
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;
    let [own, foreign] = ['', ''];
    let [ownProcess, foreignProcess] = ['', ''];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'callboard-access-'));
      const hash = await hashPassword(PASSWORD, { ln: 14, r: 8, p: 1 });
      const lines = [`reader:${hash}:reader`, `scheduler:${hash}:scheduler:default`, `manager:${hash}:manager:*`];
      await writeFile(join(folder, 'users'), lines.join('\n'));
      service = await startEcho();
      deployment = await start({ API_USERS_FILE: join(folder, 'users'), LOGIN_FAILURES: '1000' });
      callboard = new CallboardClient(deployment);
      // Its backends are connected to in the background.
      await until('the API to be ready', 30_000, async () => (await callboard.get('/v1/api/health')).status === 200);
      const info = { title: 'A', version: '1' };
      const paths = { '/now': { get: { responses: {} } } };
      const text = JSON.stringify({ openapi: '3.1.0', info, servers: [{ url: service.address }], paths });
      own = await callboard.register('own', text);
      foreign = await callboard.register('foreign', text);
      for (const spec of [own, foreign]) expect(await callboard.specEnded(spec)).toMatchObject({ status: 'SUCCESS' });
      ownProcess = await callboard.schedule('own', 'GET', '/now');
      foreignProcess = await callboard.schedule('foreign', 'GET', '/now');
      for (const process of [ownProcess, foreignProcess]) await callboard.processEnded(process);
    }, 60_000);
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
      await rm(folder, { recursive: true });
    });

    async function ask(method: string, path: string, authorization: string, init: RequestInit = {}) {
      const headers = { ...(init.headers as Record<string, string> | undefined), authorization };
      const response = await fetch(`${deployment.api}${path}`, { ...init, method, headers });
      const text = await response.text();
      return { status: response.status, message: messageIn(text), text, headers: response.headers };
    }
    async function make(fields: object): Promise<Made> {
      const { status, body, headers } = await callboard.post(KEYS, { name: 'test', ...fields });
      expect([status, body]).toEqual([201, expect.anything()]);
      expect(headers['cache-control']).toBe('no-store');
      return body as Made;
    }
    const bearer = ({ key }: Made) => `Bearer ${key}`;
    const basic = (name: string) => `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}`;
    const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

    it('an API key lets a program in until it is revoked, and is told once', async () => {
      const made = await make({ scopes: ['read'] });
      expect(made.key).toMatch(/^cb_[A-Za-z0-9]{16}_[0-9a-f]{56}$/);
      expect(made.key.startsWith(made.prefix)).toBe(true);
      expect(await ask('GET', `/v1/api/spec/${own}`, bearer(made))).toMatchObject({ status: 200 });
      const shown = await callboard.get(`${KEYS}/${made.trace_id}`);
      expect(shown.body).toMatchObject({ prefix: made.prefix, scopes: ['read'], project: 'default', specs: null });
      const listed = await callboard.get(KEYS);
      expect([shown.text, listed.text].join()).not.toContain(made.key.slice(made.prefix.length));
      expect((listed.body as { results: Made[] }).results.map((key) => key.trace_id)).toContain(made.trace_id);
      await until('the use to be noted', 5_000, async () => {
        const { body } = await callboard.get(`${KEYS}/${made.trace_id}`);
        return (body as { last_used_at: string | null }).last_used_at !== null;
      });
      expect((await callboard.delete(`${KEYS}/${made.trace_id}`)).status).toBe(204);
      expect(await ask('GET', `/v1/api/spec/${own}`, bearer(made))).toMatchObject({ status: 401 });
      expect((await callboard.get(`${KEYS}/${made.trace_id}`)).status).toBe(404);
      expect((await callboard.delete(`${KEYS}/${made.trace_id}`)).status).toBe(404);
    });

    it('a wrong secret, an unknown key and other text are answered alike', async () => {
      const made = await make({ scopes: ['read'] });
      const wrong = [`cb_${made.trace_id}_${'0'.repeat(56)}`, `cb_UnknownUnknown00_${'0'.repeat(56)}`, 'cb_', 'x'];
      for (const token of wrong) {
        const answer = await ask('GET', `/v1/api/spec/${own}`, `Bearer ${token}`);
        expect(answer).toMatchObject({
          status: 401,
          message: 'Expected an API key of this installation that is neither revoked nor expired, got another token.',
        });
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="Callboard", error="invalid_token"');
      }
    });

    it('an API key ends by itself', async () => {
      const made = await make({ scopes: ['read'], expires_at: new Date(Date.now() + 1_500).toISOString() });
      await until('the key to end', 10_000, async () => {
        return (await ask('GET', `/v1/api/spec/${own}`, bearer(made))).status === 401;
      });
    });

    it('a key that ends makes none that outlives it', async () => {
      const maker = await make({ scopes: ['admin'], expires_at: new Date(Date.now() + 60_000).toISOString() });
      expect(await ask('POST', KEYS, bearer(maker), json({ name: 'longer', scopes: ['admin'] }))).toMatchObject({
        status: 400,
        message: expect.stringContaining('Expected expires_at to be no later than the end of the key that makes it'),
      });
    });

    it('a key that was revoked is told of no further event of a process', async () => {
      const made = await make({ scopes: ['read'] });
      const later = { service: 'own', method: 'GET', endpoint: '/now', delay: 3_600 };
      const process = ((await callboard.post('/v1/api/scheduler/process', later)).body as { trace_id: string })
        .trace_id;
      const path = `/v1/api/scheduler/process/${process}`;
      const stream = await fetch(`${deployment.api}${path}/events`, { headers: { authorization: bearer(made) } });
      expect((await callboard.delete(`${KEYS}/${made.trace_id}`)).status).toBe(204);
      expect((await callboard.delete(path)).status).toBe(204);
      const text = await stream.text();
      expect(text).toContain('WAITING');
      expect(text).not.toContain('CANCELLED');
    });

    it('an API key acts in its own project alone', async () => {
      const made = await make({ scopes: ['read'] });
      const asked = (project: string) =>
        ask('GET', `/v1/api/spec/${own}`, bearer(made), { headers: { 'x-project': project } });
      expect(await asked('default')).toMatchObject({ status: 200 });
      for (const project of ['another', 'no project']) {
        expect(await asked(project)).toMatchObject({
          status: 403,
          message: 'Expected the header X-Project to be left out or to name the project of the API key, got another.',
        });
      }
    });

    it('a key grants no scope that its maker lacks', async () => {
      const maker = await make({ scopes: ['read', 'admin'] });
      const wanted = json({ name: 'more', scopes: ['read', 'manage'] });
      expect(await ask('POST', KEYS, bearer(maker), wanted)).toMatchObject({
        status: 400,
        message: 'Expected scopes that whoever makes the key has itself, got manage.',
      });
      expect(await ask('POST', KEYS, bearer(maker), json({ name: 'as much', scopes: ['read'] }))).toMatchObject({
        status: 201,
      });
    });

    it.each([
      [{ scopes: [] }, 'Expected scopes to be at least 1'],
      [{ scopes: ['root'] }, 'Expected scopes.0 to be one of'],
      [{ scopes: ['read'], specs: ['NoneNoneNoneNone'] }, 'Expected specs to hold trace ids of specs of this project'],
      [{ scopes: ['read'], expires_at: '2001-01-01T00:00:00Z' }, 'Expected expires_at to lie ahead'],
      [{ scopes: ['read'], name: '' }, 'Expected name to be at least 1'],
    ])('no key is made of %j', async (fields, sentence) => {
      const { status, body } = await callboard.post(KEYS, { name: 'test', ...fields });
      expect([status, (body as { message: string }).message]).toEqual([400, expect.stringContaining(sentence)]);
    });

    it('each route needs its scope: with all others it is refused, whatever is sent', async () => {
      const without = new Map<Scope, Made>();
      for (const scope of SCOPES) without.set(scope, await make({ scopes: SCOPES.filter((each) => each !== scope) }));
      expect(closed.length).toBeGreaterThan(30);
      for (const { id, method, path, scope } of closed) {
        const key = scope && without.get(scope);
        if (!key) throw new Error(`Expected ${id} to have a scope.`);
        const answer = await ask(method, filled(path, own, ownProcess), bearer(key));
        expect([id, answer.status, answer.message]).toEqual([
          ...[id, 403],
          `Expected a credential with the scope ${scope}, got one without it.`,
        ]);
      }
    });

    it('each route but ping and health is closed to strangers', async () => {
      for (const { id, method, path, scope } of routes) {
        const { status } = await ask(method, filled(path, own, ownProcess), '');
        expect([id, status]).toEqual([id, scope === undefined ? expect.any(Number) : 401]);
        if (scope === undefined) expect([id, status]).not.toEqual([id, 401]);
      }
    });

    it('a key for some Specs finds no other and none of its processes, on any route', async () => {
      const key = bearer(await make({ scopes: SCOPES, specs: [own] }));
      for (const { id, method, path } of closed) {
        const body = method === 'PUT' ? json({ headers: {} }) : {};
        const answer = await ask(method, filled(path, foreign, foreignProcess), key, body);
        const isNamed = path.includes('{trace_id}') && !path.startsWith(KEYS);
        // What names no Spec refuses such a key, finds only its own, or finds nothing wrong but its empty request.
        const expected = isNamed ? [404] : [200, 201, 400, 403, 415];
        expect([id, expected.includes(answer.status), answer.status]).toEqual([id, true, answer.status]);
        expect(answer.text).not.toContain('"foreign"');
        if (!isNamed) expect(answer.text).not.toContain(foreign);
      }
      expect((await callboard.get(`/v1/api/spec/${foreign}`)).status).toBe(200);
    });

    it('a key for some Specs uses these: lists them, their processes, and schedules their calls', async () => {
      const key = bearer(await make({ scopes: ['read', 'schedule', 'manage'], specs: [own] }));
      const specs = await ask('GET', '/v1/api/spec/0/10', key);
      expect(idsIn(specs.text)).toEqual([own]);
      expect(specs.headers.get('x-total-count')).toBe('1');
      const processes = await ask('GET', '/v1/api/scheduler/processes?limit=1000', key);
      expect(idsIn(processes.text)).toContain(ownProcess);
      expect(idsIn(processes.text)).not.toContain(foreignProcess);
      const call = (name: string) => json({ service: name, method: 'GET', endpoint: '/now' });
      expect(await ask('POST', '/v1/api/scheduler/process', key, call('own'))).toMatchObject({ status: 200 });
      for (const name of ['foreign', 'nobody']) {
        expect(await ask('POST', '/v1/api/scheduler/process', key, call(name))).toMatchObject({
          status: 404,
          message: `Expected a service whose spec the API key is for, got "${name}".`,
        });
      }
      const batch = json({ processes: ['own', 'foreign'].map((name) => JSON.parse(call(name).body) as unknown) });
      expect(JSON.parse((await ask('POST', '/v1/api/scheduler/process/batch', key, batch)).text)).toMatchObject({
        count: 1,
        results: [{ status: 'WAITING' }, { error: true }],
      });
      expect(await ask('POST', `/v1/api/spec/${own}/pause`, key)).toMatchObject({ status: 200 });
      expect(await ask('POST', `/v1/api/spec/${own}/resume`, key)).toMatchObject({ status: 200 });
      expect(await ask('POST', '/v1/api/spec', key, json({}))).toMatchObject({
        status: 403,
        message: 'Expected a credential for all specs of the project, got an API key for some of them.',
      });
    });

    it('users of the file have the scopes of their roles, and pick a project from their own', async () => {
      const status = async (name: string, method: string, path: string, project = 'default') =>
        (await ask(method, path, basic(name), { headers: { 'x-project': project } })).status;
      expect(await status('reader', 'GET', `/v1/api/spec/${own}`)).toBe(200);
      expect(await status('reader', 'POST', `/v1/api/scheduler/process/${ownProcess}/replay`)).toBe(403);
      expect(await status('scheduler', 'POST', `/v1/api/scheduler/process/${ownProcess}/replay`)).toBe(200);
      expect(await status('scheduler', 'POST', `/v1/api/spec/${own}/pause`)).toBe(403);
      expect(await status('manager', 'POST', `/v1/api/spec/${own}/resume`)).toBe(200);
      expect(await status('manager', 'GET', KEYS)).toBe(403);
      expect(await status('reader', 'GET', `/v1/api/spec/${own}`, 'shop')).toBe(404);
      expect(await ask('GET', `/v1/api/spec/${own}`, basic('nobody'))).toMatchObject({ status: 401 });
    });

    it('many logins at once are told to come again, and one that was right before goes on', async () => {
      expect(await ask('GET', `/v1/api/spec/${own}`, basic('reader'))).toMatchObject({ status: 200 });
      const guess = (index: number) => `Basic ${Buffer.from(`reader:guess ${index}`).toString('base64')}`;
      const guesses = Array.from({ length: 40 }, (_, index) => ask('GET', `/v1/api/spec/${own}`, guess(index)));
      const right = ask('GET', `/v1/api/spec/${own}`, basic('reader'));
      const answers = await Promise.all(guesses);
      expect(await right).toMatchObject({ status: 200 });
      expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([401, 503]);
      for (const { status, message, headers } of answers) {
        if (status !== 503) continue;
        expect(message).toBe('Expected fewer logins at once: try again in a moment.');
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
    });

    it('waiting for what came of a call is for readers', async () => {
      const key = bearer(await make({ scopes: ['schedule'] }));
      const call = json({ service: 'own', method: 'GET', endpoint: '/now' });
      const headers = { ...call.headers, prefer: 'wait=5' };
      const { text } = await ask('POST', '/v1/api/scheduler/process', key, { ...call, headers });
      expect(JSON.parse(text)).toMatchObject({ status: 'WAITING' });
    });

    it('no key and no password stands in the log', () => {
      expect(deployment.output()).not.toMatch(/cb_[A-Za-z0-9]{16}_[0-9a-f]{20}|scrypt/);
    });
  });
}

/** A path with its parameters. */
function filled(path: string, spec: string, process: string): string {
  return path
    .replace('{trace_id}', path.includes('/scheduler/') ? process : spec)
    .replace('{generator}', 'python')
    .replace('{name}', 'default')
    .replace('{version}', '1')
    .replace('{offset}', '0')
    .replace('{limit}', '10');
}

function messageIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { message?: unknown }).message;
  } catch {
    return undefined;
  }
}

function idsIn(text: string): string[] {
  return (JSON.parse(text) as { results: { trace_id: string }[] }).results.map((each) => each.trace_id);
}
