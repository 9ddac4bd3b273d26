import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import request from 'supertest';
import { announce } from './announce.js';
import { CallboardClient } from './callboard-client.js';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';
import { base64, CHANNELS, filmotDocument, HEADERS, startFilmot } from './filmot.js';
import type { Filmot } from './filmot.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TRACE_ID = /^[A-Za-z0-9]{16}$/;

const SPEC_DONE = {
  status: 'SUCCESS',
  message: 'The spec has been completed successfully.',
  step: [
    'Received in the API',
    'Received in the worker',
    'Spec YAML file generated',
    'Client code generated (not reviewed)',
    'Client code generated and reviewed',
  ],
};
const PROCESS_DONE = {
  status: 'SUCCESS',
  message: 'The request has been executed and the process has been completed successfully.',
  step: ['Received in the API', 'Received in the worker', 'Executed command successfully'],
};
const PROCESS_FAILED = {
  status: 'ERROR',
  message: 'There was one or more errors trying to execute scheduler process.',
  step: ['Received in the API', 'Received in the worker'],
};

/** Sends bytes as they are and returns all that comes back. */
async function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  return text(socket);
}

/** The REST contract, word for word: one suite for whatever Callboard is made of. */
export function describeContract(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let filmot: Filmot;
    let document: string;
    let specId: string;

    beforeAll(async () => {
      filmot = await startFilmot();
      deployment = await start();
      callboard = new CallboardClient(deployment);
      document = filmotDocument(filmot.address);
      specId = await callboard.register('Filmot', document, { headers: HEADERS });
      expect(await callboard.specEnded(specId)).toEqual(SPEC_DONE);
    }, 60_000);

    afterAll(async () => {
      await filmot.stop();
      await deployment.stop();
    }, 60_000);

    /** A process's path, once it has ended. */
    async function run(endpoint: string, fields: object, service = 'Filmot'): Promise<string> {
      const traceId = await callboard.schedule(service, 'GET', endpoint, fields);
      await callboard.processEnded(traceId);
      return `/v1/api/scheduler/process/${traceId}`;
    }

    describe('specs', () => {
      it('answers a POST with a trace id of 16 letters and digits', async () => {
        const body = { name: 'Answers', headers: HEADERS, spec: base64(document) };
        const response = await callboard.post('/v1/api/spec', body);
        expect(response.status).toBe(200);
        expect(response.body).toEqual({ trace_id: expect.stringMatching(TRACE_ID) });
        expect(response.headers['x-trace-id']).toMatch(TRACE_ID);
      });

      it('shows a Spec as the contract does, its name in lower case', async () => {
        const { body } = await callboard.get(`/v1/api/spec/${specId}`);
        expect(body).toEqual({
          trace_id: specId,
          created_at: expect.stringMatching(ISO),
          updated_at: expect.stringMatching(ISO),
          name: 'filmot',
          status: SPEC_DONE,
          headers: HEADERS,
        });
      });

      it('adds document and client when they are asked for', async () => {
        const { body } = await callboard.get(`/v1/api/spec/${specId}?spec=true&client=true`);
        const parameter = (name: string, required: boolean) => ({
          default: null,
          enum: null,
          name,
          in: 'query',
          type: 'string',
          required,
        });
        expect(body).toMatchObject({ spec: base64(document) });
        expect((body as { client: unknown }).client).toEqual({
          endpoints: {
            'GET /getsearchchannels': [parameter('term', true)],
            'GET /getsearchsubtitles': [parameter('query', true), parameter('channel', false)],
          },
          headers: ['x-rapidapi-key', 'x-rapidapi-host'],
          servers: [filmot.address],
          url: filmot.address,
        });
      });

      it('refuses a flag that is neither true nor false', async () => {
        const response = await callboard.get(`/v1/api/spec/${specId}?spec=yes`);
        expect(response.status).toBe(400);
        expect(response.body).toEqual({
          error: true,
          message: 'Expected spec to be one of true, false, got a string of 3 characters.',
        });
      });

      it('lists newest first, counts the page, and tells the total in a header', async () => {
        await callboard.register('Older', document);
        await callboard.register('Newer', document);
        const page = await callboard.get('/v1/api/spec/0/2?client=false');
        expect(page.body).toMatchObject({ count: 2, results: [{ name: 'newer' }, { name: 'older' }] });
        const total = Number(page.headers['x-total-count']);
        expect(total).toBeGreaterThanOrEqual(3);
        const last = await callboard.get(`/v1/api/spec/${total - 1}/1000`);
        expect(last.body).toMatchObject({ count: 1, results: [{ name: 'filmot' }] });
        expect((await callboard.get(`/v1/api/spec/${total}/10`)).body).toEqual({ count: 0, results: [] });
      });

      it.each(['0/0', '0/1001', '-1/10', 'a/b', '0/10.5'])('refuses the page %s', async (page) => {
        const response = await callboard.get(`/v1/api/spec/${page}`);
        expect(response.status).toBe(400);
        expect((response.body as { message: string }).message).toMatch(/^Expected (offset|limit) to be a whole number/);
      });

      it('keeps a name to one active Spec, and says which has it', async () => {
        const response = await callboard.post('/v1/api/spec', { name: 'FILMOT', headers: {}, spec: base64(document) });
        expect(response.status).toBe(409);
        expect((response.body as { message: string }).message).toContain(specId);
      });

      it('generates anew for a different document, and calls by the new one', async () => {
        const traceId = await callboard.register('changing', document, { headers: HEADERS });
        await callboard.specEnded(traceId);
        const changed = document.replaceAll('/getsearchchannels', '/getsearchchannels2');
        const put = await callboard.put(`/v1/api/spec/${traceId}`, { spec: base64(changed) });
        expect([put.status, put.text]).toEqual([204, '']);
        expect(await callboard.specEnded(traceId)).toEqual({ ...SPEC_DONE, version: 2, serving_version: 2 });
        const path = await run('/getsearchchannels2', { query_params: { term: 'x' } }, 'changing');
        expect((await callboard.get(`${path}/status`)).body).toEqual(PROCESS_DONE);
        const yaml = await readFile(join(deployment.generatedClients, traceId, 'spec.yaml'), 'utf8');
        expect(yaml).toContain('/getsearchchannels2:');
      });

      it('keeps what a PUT does not send, and renames', async () => {
        const traceId = await callboard.register('before', document, { headers: HEADERS });
        await callboard.specEnded(traceId);
        await callboard.put(`/v1/api/spec/${traceId}`, { name: 'After', spec: base64(document) });
        await callboard.specEnded(traceId);
        expect((await callboard.get(`/v1/api/spec/${traceId}`)).body).toMatchObject({
          name: 'after',
          headers: HEADERS,
        });
        const metadata = join(deployment.generatedClients, traceId, 'service.metadata.yaml');
        await until('the metadata to tell the new name', 10_000, async () =>
          (await readFile(metadata, 'utf8')).includes('name: after'),
        );
        expect(await readFile(metadata, 'utf8')).toMatch(
          new RegExp(`^trace_id: ${traceId}\\nname: after\\nupdated_at: "[^"]{24}"\\n$`),
        );
      });

      it('calls the url of the Spec, and takes it back', async () => {
        const url = `${filmot.address}/base`;
        const traceId = await callboard.register('with a url', document, { headers: HEADERS, url });
        await callboard.specEnded(traceId);
        const shown = async () => (await callboard.get(`/v1/api/spec/${traceId}?client=true`)).body as unknown;
        expect(await shown()).toMatchObject({ url, client: { url, servers: [filmot.address] } });
        await run('/getsearchsubtitles', { query_params: { query: 'by url' } }, 'with a url');
        expect(filmot.seen.some((seen) => seen.url === '/base/getsearchsubtitles?query=by%20url')).toBe(true);
        expect((await callboard.put(`/v1/api/spec/${traceId}`, { url: null })).status).toBe(204);
        expect(await shown()).not.toHaveProperty('url');
        expect(await shown()).toMatchObject({ client: { url: filmot.address } });
      });

      it('shows servers as the Spec calls them', async () => {
        const { port } = new URL(filmot.address);
        const templated = document.replace(
          /^servers: .*$/m,
          'servers: [{ url: "http://{host}:{port}", variables: { host: { default: bad.invalid }, port: { default: "1" } } }]',
        );
        const server_variables = { host: '127.0.0.1', port };
        const traceId = await callboard.register('templated', templated, { headers: HEADERS, server_variables });
        await callboard.specEnded(traceId);
        const { body } = await callboard.get(`/v1/api/spec/${traceId}?client=true`);
        expect(body).toMatchObject({ server_variables, client: { url: filmot.address, servers: [filmot.address] } });
        const path = await run('/getsearchchannels', { query_params: { term: 'templated' } }, 'templated');
        expect((await callboard.get(`${path}/status`)).body).toEqual(PROCESS_DONE);
      });

      it('archives on DELETE: the Spec is gone and its name is free', async () => {
        const traceId = await callboard.register('short-lived', document);
        await callboard.specEnded(traceId);
        const removed = await callboard.delete(`/v1/api/spec/${traceId}`);
        expect([removed.status, removed.text]).toEqual([204, '']);
        expect((await callboard.get(`/v1/api/spec/${traceId}`)).status).toBe(404);
        expect((await callboard.delete(`/v1/api/spec/${traceId}`)).status).toBe(404);
        await until('the folder to go', 10_000, () =>
          access(join(deployment.generatedClients, traceId)).then(
            () => false,
            () => true,
          ),
        );
        expect(await callboard.register('short-lived', document)).toMatch(TRACE_ID);
      });

      it.each([
        ['not OpenAPI', '{"hello": "world"}'],
        ['broken JSON', '{"openapi": "3.0.0", "paths": {'],
        ['nothing but a word', 'hello'],
      ])('accepts a document that is %s and ends in ERROR with one sentence', async (what, text) => {
        const traceId = await callboard.register(`broken: ${what}`, text);
        const status = await callboard.specEnded(traceId);
        expect(status).toMatchObject({
          status: 'ERROR',
          message: 'The spec has one or more errors.',
          step: ['Received in the API', 'Received in the worker'],
        });
        expect(status.error).toMatch(/^[A-Z][^\n]{10,400}$/);
      });

      it('gives each Client a folder that holds the document and its metadata', async () => {
        const folder = join(deployment.generatedClients, specId);
        for (const file of [
          'spec.yaml',
          'service.metadata.yaml',
          'operations.json',
          'types.ts',
          'client.ts',
          'README.md',
        ]) {
          expect((await readFile(join(folder, file), 'utf8')).length).toBeGreaterThan(0);
        }
      });
    });

    describe('processes', () => {
      it('accepts a call, makes it with merged headers, and gives the bytes back unchanged', async () => {
        const accepted = await callboard.post('/v1/api/scheduler/process', {
          service: 'Filmot',
          endpoint: '/getsearchchannels',
          method: 'GET',
          headers: { 'X-RapidAPI-Key': 'mine', 'x-extra': 'yes' },
          query_params: { term: 'Science Channel' },
        });
        expect(accepted.status).toBe(200);
        const { trace_id: traceId } = accepted.body as { trace_id: string };
        expect(accepted.body).toEqual({
          trace_id: expect.stringMatching(TRACE_ID),
          status: 'WAITING',
          msg: 'Your request is waiting to be processed.',
        });
        expect(await callboard.processEnded(traceId)).toEqual(PROCESS_DONE);

        const response = await callboard.response(traceId);
        expect(response.status).toBe(200);
        expect(response.body.toString()).toBe(CHANNELS);
        expect(response.headers).toMatchObject({
          'content-type': 'application/json; charset=UTF-8',
          'x-cache': 'MISS',
          'x-upstream-status': '200',
          'x-content-type-options': 'nosniff',
          'content-security-policy': expect.stringMatching(/^sandbox;/),
        });
        const sent = filmot.seen.find(({ headers }) => headers['x-extra'] === 'yes');
        expect(sent?.url).toBe('/getsearchchannels?term=Science%20Channel');
        expect(sent?.headers).toMatchObject({
          'x-rapidapi-key': 'mine',
          'x-rapidapi-host': HEADERS['x-rapidapi-host'],
        });
      });

      it('shows a process as the contract does', async () => {
        const fields = { headers: HEADERS, query_params: { term: 'Science Channel' } };
        const path = await run('/getsearchchannels', fields);
        expect((await callboard.get(path)).body).toEqual({
          trace_id: path.slice(-16),
          timestamp: expect.stringMatching(ISO),
          status: PROCESS_DONE,
          service: 'filmot',
          method: 'GET',
          endpoint: '/getsearchchannels',
          ...fields,
          url_params: null,
          req_body: null,
        });
      });

      it('answers an equal call from the cache, and a refreshed one from the service', async () => {
        const fields = { query_params: { query: 'cached' } };
        const seen = () => filmot.seen.filter(({ url }) => url.includes('query=cached')).length;
        await run('/getsearchsubtitles', fields);
        const second = await run('/getsearchsubtitles', fields);
        expect((await callboard.response(second.slice(-16))).headers['x-cache']).toBe('HIT');
        expect(seen()).toBe(1);
        const third = await run('/getsearchsubtitles', { ...fields, cache: { mode: 'refresh' } });
        expect((await callboard.response(third.slice(-16))).headers['x-cache']).toBe('MISS');
        expect(seen()).toBe(2);
        await run('/getsearchsubtitles', { ...fields, headers: { 'x-rapidapi-key': 'of another' } });
        expect(seen()).toBe(3);
      });

      it('ends a call that lacks a required parameter in ERROR, in the words of the contract', async () => {
        const path = await run('/getsearchchannels', {});
        const message = 'Error executing API call: API call failed: term is required and must be specified';
        expect((await callboard.get(`${path}/status`)).body).toEqual({ ...PROCESS_FAILED, error: message });
        const response = await callboard.get(`${path}/response`);
        expect([response.status, response.body]).toEqual([200, { error: true, message }]);
      });

      it('ends a call of an unknown service in ERROR, in the words of the contract', async () => {
        const path = await run('/a', {}, 'NoSuchService');
        const error =
          'The command could not be executed because the service requested (nosuchservice) is not available.';
        expect((await callboard.get(`${path}/status`)).body).toEqual({ ...PROCESS_FAILED, error });
        const response = await callboard.get(`${path}/response`);
        expect(response.body).toEqual({ error: true, message: error });
        // As the document says of every answer of this endpoint.
        expect(response.headers['content-security-policy']).toMatch(/^sandbox;/);
      });

      it('ends a call of a service whose document is broken in ERROR, in the words of the contract', async () => {
        const traceId = await callboard.register('Unusable', 'not a document');
        await callboard.specEnded(traceId, ['ERROR']);
        const path = await run('/a', {}, 'unusable');
        const error = 'The command could not be executed because the service requested (unusable) is not available.';
        expect((await callboard.get(`${path}/status`)).body).toEqual({ ...PROCESS_FAILED, error });
      });

      it('names the nearest declared operations when a call asks for one that is not declared', async () => {
        const path = await run('/getsearchchanels', {});
        const { body } = await callboard.get(`${path}/status`);
        expect(body).toMatchObject({ status: 'ERROR', error: expect.stringContaining('GET /getsearchchanels') });
        expect((body as { error: string }).error).toContain('GET /getsearchchannels');
      });

      it('ends a call answered with 400 or more in ERROR, and shows the answer', async () => {
        const path = await run('/getsearchsubtitles', { query_params: { query: 'nothing' } });
        const error = "Error executing API call: API call failed: 418 I'm a Teapot";
        expect((await callboard.get(`${path}/status`)).body).toEqual({ ...PROCESS_FAILED, error });
        const response = await callboard.get(`${path}/response`);
        expect(response.status).toBe(200);
        expect(response.body).toMatchObject({
          error: true,
          message: error,
          response: {
            status: 418,
            headers: { 'content-type': 'application/json' },
            body: { reason: 'nothing to find' },
          },
        });
      });

      it('tells of the service with an error too, and gives a browser nothing to run', async () => {
        const path = await run('/getsearchsubtitles', { query_params: { query: 'nothing' } });
        expect((await callboard.get(`${path}/response`)).headers).toMatchObject({
          'x-cache': 'MISS',
          'x-upstream-status': '418',
          'x-content-type-options': 'nosniff',
          'content-security-policy': expect.stringMatching(/^sandbox;/),
        });
      });

      it('names no content type where the service named none', async () => {
        const path = await run('/getsearchsubtitles', { query_params: { query: 'untyped' } });
        const response = await callboard.response(path.slice(-16));
        expect([response.status, response.body.toString()]).toEqual([200, 'bytes']);
        expect(response.headers).not.toHaveProperty('content-type');
      });

      it('takes null for none', async () => {
        const none = { headers: null, url_params: null, req_body: null, timeout_ms: null, cache: null };
        const path = await run('/getsearchsubtitles', { ...none, query_params: { query: 'bare' } });
        expect((await callboard.get(path)).body).toMatchObject({ status: PROCESS_DONE, req_body: null });
        const sent = filmot.seen.find(({ url }) => url.includes('query=bare'));
        expect(sent?.headers).not.toHaveProperty('content-length');
      });

      it('lets a call wait for a Spec that is still being generated', async () => {
        const traceId = await callboard.register('slow to come', document, { headers: HEADERS });
        const process = await callboard.schedule('slow to come', 'GET', '/getsearchchannels', {
          query_params: { term: 'w' },
        });
        expect(await callboard.processEnded(process)).toEqual(PROCESS_DONE);
        expect(await callboard.specEnded(traceId)).toEqual(SPEC_DONE);
      });

      it('keeps what was set beyond the contract, and only that', async () => {
        const fields = { query_params: { term: 'x' }, timeout_ms: 5_000, cache: { mode: 'off' } };
        const path = await run('/getsearchchannels', fields);
        expect((await callboard.get(path)).body).toMatchObject({ ...fields, headers: null });
      });
    });

    describe('refusals', () => {
      it('asks for credentials, and takes only the right ones', async () => {
        const bare = await request(deployment.api).get('/v1/api/spec/0/1');
        expect(bare.status).toBe(401);
        expect(bare.headers['www-authenticate']).toMatch(/^Basic /);
        expect(bare.body).toEqual({ error: true, message: expect.any(String) });
        expect(bare.headers['x-trace-id']).toMatch(TRACE_ID);
        const wrong = await request(deployment.api).get('/v1/api/spec/0/1').auth('tester', 'guess');
        expect(wrong.status).toBe(401);
      });

      it('answers pings without credentials', async () => {
        expect((await request(deployment.api).get('/v1/api/ping')).status).toBe(200);
        for (const worker of deployment.workers)
          expect((await request(worker).get('/v1/worker/ping')).status).toBe(200);
        expect((await request(deployment.apidoc).get('/v1/apidoc/ping')).status).toBe(200);
      });

      it.each([
        [
          'a missing field',
          '/v1/api/spec',
          { headers: {}, spec: 'YQ==' },
          'Expected name to be a string, got nothing.',
        ],
        [
          'a wrong type',
          '/v1/api/spec',
          { name: 1, headers: {}, spec: 'YQ==' },
          'Expected name to be a string, got an integer of 1 digit.',
        ],
        [
          'an empty name',
          '/v1/api/spec',
          { name: ' ', headers: {}, spec: 'YQ==' },
          'Expected name to be a name without spaces around it, got',
        ],
        [
          'a spec that is not base64',
          '/v1/api/spec',
          { name: 'x', headers: {}, spec: 'openapi: 3.0.0' },
          'Expected spec to be an OpenAPI document in base64, got a string of 14 characters.',
        ],
        ['a document that is missing', '/v1/api/spec/validate', {}, 'Expected spec to be a string, got nothing.'],
        [
          'a credential without a name',
          '/v1/api/spec',
          { name: 'x', headers: {}, spec: 'YQ==', credentials: { '': { value: 's3cr3t' } } },
          'Expected the names in credentials to be of 1 to 200 characters, got an empty string.',
        ],
        [
          'an unknown field',
          '/v1/api/spec',
          { name: 'x', headers: {}, spec: 'YQ==', colour: 1 },
          'Expected only known fields, got "colour".',
        ],
        [
          'a header twice',
          '/v1/api/spec',
          { name: 'x', headers: { 'X-A': '1', 'x-a': '2' }, spec: 'YQ==' },
          'Expected headers.x-a to be given once',
        ],
        [
          'a header with a line break',
          '/v1/api/spec',
          { name: 'x', headers: { a: 'b\r\nc: d' }, spec: 'YQ==' },
          'Expected headers.a to be a header value: no line breaks',
        ],
        [
          'a header of the connection',
          '/v1/api/spec',
          { name: 'x', headers: { 'Transfer-Encoding': 'chunked' }, spec: 'YQ==' },
          'Expected headers.Transfer-Encoding to be absent: the connection itself makes this header',
        ],
        [
          'a bad header name',
          '/v1/api/spec',
          { name: 'x', headers: { 'a b': 'c' }, spec: 'YQ==' },
          'Expected the names in headers to be those of headers',
        ],
        [
          'a url of another kind',
          '/v1/api/spec',
          { name: 'x', headers: {}, spec: 'YQ==', url: 'file:///etc/passwd' },
          'Expected url to be an absolute http or https URL',
        ],
        [
          'a body that is no object',
          '/v1/api/scheduler/process',
          ['x'],
          'Expected the body to be an object, got an array of 1 item.',
        ],
        [
          'a cache of unknown mode',
          '/v1/api/scheduler/process',
          { service: 'a', endpoint: '/', method: 'GET', cache: { mode: 'never' } },
          'Expected cache.mode to be one of use, refresh, off, got',
        ],
        [
          'a timeout of nothing',
          '/v1/api/scheduler/process',
          { service: 'a', endpoint: '/', method: 'GET', timeout_ms: 0 },
          'Expected timeout_ms to be at least 1, got an integer of 1 digit.',
        ],
      ])('tells what is wrong with %s', async (_, path, body, sentence) => {
        const response = await callboard.post(path, body);
        expect(response.status).toBe(400);
        expect(response.body).toEqual({ error: true, message: expect.stringContaining(sentence) });
      });

      it.each([
        ['{"name": ', 'Expected a body in JSON, got text that ends too early.'],
        ['{"name": x}', 'Expected a body in JSON, got other text.'],
        ['{"name": 1,}', 'Expected a body in JSON, got other text at line 1, column 12.'],
        ['', 'Expected the body to be an object, got nothing.'],
      ])('tells what is wrong with the body %j', async (text, message) => {
        const response = await callboard.post('/v1/api/spec', text).set('Content-Type', 'application/json');
        expect([response.status, response.body]).toEqual([400, { error: true, message }]);
      });

      it('takes names that objects know as names like others', async () => {
        const body =
          '{"service":"a","endpoint":"/","method":"GET","req_body":{"__proto__":1,"constructor":{"prototype":2}}}';
        const response = await callboard
          .post('/v1/api/scheduler/process', body)
          .set('Content-Type', 'application/json');
        expect(response.status).toBe(200);
        const { trace_id: id } = response.body as { trace_id: string };
        expect((await callboard.get(`/v1/api/scheduler/process/${id}`)).text).toContain(
          '"req_body":{"__proto__":1,"constructor":{"prototype":2}}',
        );
      });

      it('removes with a content type and no body, as many clients do', async () => {
        const traceId = await callboard.register('to be removed', document);
        const removed = await callboard.delete(`/v1/api/spec/${traceId}`).set('Content-Type', 'application/json');
        expect(removed.status).toBe(204);
      });

      it('tells that a body is not JSON', async () => {
        const response = await callboard.post('/v1/api/spec', '{"name": ').set('Content-Type', 'application/json');
        expect(response.status).toBe(400);
        expect(response.body).toEqual({ error: true, message: expect.stringContaining('JSON') });
      });

      it('takes only JSON', async () => {
        const response = await callboard.post('/v1/api/spec', '<a/>').set('Content-Type', 'application/xml');
        expect(response.status).toBe(415);
        expect(response.body).toEqual({ error: true, message: expect.any(String) });
      });

      it.each([
        'spec/AAAAAAAAAAAAAAAA',
        'spec/AAAAAAAAAAAAAAAA/status',
        'scheduler/process/AAAAAAAAAAAAAAAA',
        'scheduler/process/AAAAAAAAAAAAAAAA/status',
        'scheduler/process/AAAAAAAAAAAAAAAA/response',
        'nothing/here',
      ])('answers 404 in JSON at %s', async (path) => {
        const response = await callboard.get(`/v1/api/${path}`);
        expect(response.status).toBe(404);
        expect(response.body).toEqual({ error: true, message: expect.any(String) });
        expect(response.headers['x-trace-id']).toMatch(TRACE_ID);
      });

      it.each([
        ['no HTTP', 'hello\r\n\r\n', 400],
        ['a header without end', `GET / HTTP/1.1\r\nx-a: ${'b'.repeat(20_000)}`, 431],
        [
          'an address that cannot be decoded',
          'GET /v1/api/spec/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
          400,
        ],
      ])('answers %s in JSON too', async (_, bytes, status) => {
        const answer = await sendRaw(deployment.api, bytes);
        expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
        expect(answer).toMatch(/\r\nX-Trace-Id: [A-Za-z0-9]{16}\r\n/);
        expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toEqual({
          error: true,
          message: expect.any(String),
        });
      });

      it('asks for credentials before it reads a body', async () => {
        const url = `${deployment.api}/v1/api/spec`;
        expect((await announce(url, 60 * 1024 * 1024, 'tester:guess')).status).toBe(401);
        expect((await request(url).post('').set('Content-Type', 'text/plain').send('{"a":')).status).toBe(401);
        expect((await request(deployment.api).get('/no/such/page')).status).toBe(401);
      });

      it('refuses a body above its limit before it is sent', async () => {
        const { username, password } = deployment;
        const path = `${deployment.api}/v1/api/scheduler/process`;
        const { status, body } = await announce(path, 11 * 1024 * 1024, `${username}:${password}`);
        expect(status).toBe(413);
        expect(body).toEqual({ error: true, message: 'Expected a body of at most 10551296 bytes, got 11534336.' });
      });
    });

    describe('binding', () => {
      it('keeps a process with its Spec through a rename', async () => {
        const traceId = await callboard.register('bound', document, { headers: HEADERS });
        const early = await callboard.schedule('bound', 'GET', '/getsearchchannels', { query_params: { term: 'r' } });
        await callboard.put(`/v1/api/spec/${traceId}`, { name: 'renamed' });
        expect(await callboard.processEnded(early)).toEqual(PROCESS_DONE);
        const late = await run('/getsearchchannels', { query_params: { term: 'r' } }, 'bound');
        expect((await callboard.get(`${late}/status`)).body).toMatchObject({ status: 'ERROR' });
      });
    });
  });
}
