import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import request from 'supertest';
import type { Response } from 'supertest';
import { fromBufferPromise } from 'yauzl';
import { announce } from './announce.js';
import { CallboardClient } from './callboard-client.js';
import type { Deployment } from './deployment.js';
import { startEcho } from './echo.js';
import type { Echo, EchoedRequest } from './echo.js';
import { base64 } from './filmot.js';

const SECRETS = ['s3cr3t-of-the-spec', 's3cr3t-of-the-call', 's3cr3t-password'];
const ITEM = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
const CALLS_WITHOUT_CACHE = { cache: { mode: 'off' } };

/** A document of a service at `server`; `change` goes over its paths. */
function documentAt(server: string, change: object = {}): string {
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Items', version: '1.2' },
    servers: [{ url: server }],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        login: { type: 'http', scheme: 'basic' },
      },
    },
    paths: {
      '/items/{id}': {
        get: {
          operationId: 'getItem',
          summary: 'Read one item',
          tags: ['Catalogue'],
          security: [{ key: [] }],
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } },
            { name: 'session', in: 'cookie', schema: { type: 'string' } },
            { name: 'X-Tags', in: 'header', schema: { type: 'array', items: { type: 'string' } } },
          ],
          responses: { 200: { description: 'OK', content: { 'application/json': { schema: ITEM } } } },
        },
      },
      '/files': {
        post: {
          operationId: 'addFile',
          security: [{ login: [] }],
          requestBody: {
            content: {
              'multipart/form-data': {
                schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
              },
              'application/json': { schema: { type: 'object', required: ['name'] } },
            },
          },
          responses: { default: { description: 'Any' } },
        },
      },
      ...change,
    },
  });
}

/** What documents and calls of them promise: one suite for whatever Callboard is made of. */
export function describeDocuments(title: string, start: () => Promise<Deployment>): void {
  describe(title, () => {
    let deployment: Deployment;
    let callboard: CallboardClient;
    let service: Echo;
    let names = 0;

    beforeAll(async () => {
      service = await startEcho();
      deployment = await start();
      callboard = new CallboardClient(deployment);
    });
    beforeEach(() => {
      service.answer = null;
    });
    afterAll(async () => {
      await deployment.stop();
      await service.stop();
    });

    /** Registers a document and waits until it ends well. */
    async function register(fields: object = {}, document = documentAt(service.address)) {
      names += 1;
      const name = `documents-${names}`;
      const traceId = await callboard.register(name, document, fields);
      expect(await callboard.specEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
      return { name, traceId };
    }
    async function put(traceId: string, document: string): Promise<void> {
      const answer = await callboard.put(`/v1/api/spec/${traceId}`, { spec: base64(document) });
      expect(answer.status).toBe(204);
    }
    /** Makes a call to its end. */
    async function call(name: string, method: string, endpoint: string, fields: object = {}) {
      const traceId = await callboard.schedule(name, method, endpoint, { ...CALLS_WITHOUT_CACHE, ...fields });
      const status = await callboard.processEnded(traceId);
      const answer = await callboard.response(traceId);
      return { traceId, status, text: answer.body.toString(), echoed: () => echoOf(answer.body) };
    }
    function get(path: string) {
      return callboard.get(`/v1/api/${path}`);
    }

    describe('versions', () => {
      it('the last good one serves when a new document fails, and the status names it', async () => {
        const { name, traceId } = await register();
        await put(traceId, '{"swagger": "1.2"}');
        const failed = await callboard.specEnded(traceId, ['ERROR']);
        expect(failed).toMatchObject({ version: 2, serving_version: 1, error: expect.stringContaining('1.2') });
        const { status } = await call(name, 'GET', '/items/{id}', { url_params: { id: 1 } });
        expect(status).toMatchObject({ status: 'SUCCESS' });
        await put(traceId, documentAt(service.address, { '/new': { get: { responses: {} } } }));
        await callboard.specEnded(traceId, ['SUCCESS']);
        expect((await get(`spec/${traceId}/status`)).body).toMatchObject({ version: 3, serving_version: 3 });
        const later = await call(name, 'GET', '/new');
        expect(later.status).toMatchObject({ status: 'SUCCESS' });
        expect((await get(`scheduler/process/${later.traceId}`)).body).toMatchObject({ spec_version: 3 });
      });

      it('are listed and stay readable', async () => {
        const { traceId } = await register();
        const second = documentAt(service.address, { '/new': { get: { responses: {} } } });
        await put(traceId, second);
        await callboard.specEnded(traceId, ['SUCCESS']);
        const { body } = await get(`spec/${traceId}/versions`);
        expect(body).toMatchObject({
          count: 2,
          results: [
            { version: 2, status: 'SUCCESS', serving: true, bytes: Buffer.byteLength(second) },
            { version: 1, status: 'SUCCESS', serving: false },
          ],
        });
        expect((await get(`spec/${traceId}/versions?before=2`)).body).toMatchObject({ count: 1 });
        const first = await get(`spec/${traceId}/versions/1?spec=true&client=true`);
        expect(first.body).toMatchObject({ version: 1, spec: base64(documentAt(service.address)) });
        expect(Object.keys(first.body.client.endpoints)).toEqual(['GET /items/{id}', 'POST /files']);
        const none = await get(`spec/${traceId}/versions/3`);
        expect([none.status, none.body.message]).toEqual([
          404,
          `Expected a version of the spec ${traceId} from 1 to 2, got 3.`,
        ]);
      });
    });

    describe('differences', () => {
      it('between versions are told breaking from harmless, with the calls that wait', async () => {
        const { traceId } = await register();
        const changed = documentAt(service.address, { '/new': { get: { responses: {} } } }).replace(
          '"name":"session","in":"cookie"',
          '"name":"session","required":true,"in":"cookie"',
        );
        await put(traceId, changed);
        await callboard.specEnded(traceId, ['SUCCESS']);
        const { body } = await get(`spec/${traceId}/diff`);
        expect(body).toMatchObject({ from: 1, to: 2, breaking: 1, waiting_processes: 0 });
        expect(body.changes).toMatchObject([
          { kind: 'parameter_required', breaking: true, method: 'GET', path: '/items/{id}', waiting_processes: 0 },
          { kind: 'operation_added', breaking: false, method: 'GET', path: '/new' },
        ]);
        expect((await get(`spec/${traceId}/diff?from=2&to=2`)).body.changes).toEqual([]);
        expect((await get(`spec/${traceId}/diff?from=2&to=1`)).body).toMatchObject({ breaking: 1 });
        expect((await get(`spec/${traceId}/diff?to=9`)).status).toBe(404);
        await put(traceId, '[]');
        await callboard.specEnded(traceId, ['ERROR']);
        const failed = await get(`spec/${traceId}/diff`);
        expect([failed.status, failed.body.message]).toEqual([
          409,
          'Expected a version with a client to compare, got version 3, whose status is ERROR.',
        ]);
      });
    });

    describe('reports', () => {
      const repaired = (server: string) =>
        documentAt(server)
          .replace('"paths":', '"webhooks":{"x":{}},\n"paths":')
          .replace('"in":"cookie"', '"in":"kooky"');

      it('name each repair with its place', async () => {
        const { traceId } = await register({}, repaired(service.address));
        const { body } = await get(`spec/${traceId}/report`);
        expect(body).toMatchObject({ trace_id: traceId, version: 1, status: 'SUCCESS', serving: true, operations: 2 });
        expect(body.warnings).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ pointer: '/webhooks', line: 1, column: expect.any(Number) }),
            expect.objectContaining({
              pointer: '/paths/~1items~1{id}/get/parameters/1/in',
              line: 2,
              message: expect.stringContaining('kooky'),
            }),
          ]),
        );
      });

      it('are given of documents that nobody keeps', async () => {
        const { body: before } = await get('spec/0/1');
        const good = await callboard.post('/v1/api/spec/validate', { spec: base64(repaired(service.address)) });
        expect(good.body).toMatchObject({ valid: true, title: 'Items', operations: 2 });
        expect(good.body.warnings.length).toBeGreaterThanOrEqual(2);
        const bad = await callboard.post('/v1/api/spec/validate', { spec: base64('[1]') });
        expect(bad.body).toMatchObject({ valid: false, error: expect.stringMatching(/^Expected an OpenAPI document/) });
        expect((await get('spec/0/1')).body).toEqual(before);
      });

      it('of a refused document tell why', async () => {
        names += 1;
        const traceId = await callboard.register(`documents-${names}`, '{"swagger": "1.2"}');
        const { error } = await callboard.specEnded(traceId, ['ERROR']);
        expect((await get(`spec/${traceId}/report`)).body).toMatchObject({ status: 'ERROR', error, operations: 0 });
      });
    });

    describe('operations', () => {
      it.each([
        ['GETITEM', ['GET /items/{id}']],
        ['catalogue one', ['GET /items/{id}']],
        ['fil', ['POST /files']],
        ['nothing', []],
        ['', ['GET /items/{id}', 'POST /files']],
      ])('are found by the words %j', async (words, found) => {
        const { traceId } = await register();
        const answer = await get(`spec/${traceId}/operations`).query({ search: words });
        const results = answer.body.results as { method: string; path: string }[];
        expect(results.map(({ method, path }) => `${method} ${path}`)).toEqual(found);
        expect(answer.headers['x-total-count']).toBe(String(found.length));
      });

      it('tell what a call of them takes', async () => {
        const { traceId } = await register();
        const answer = await get(`spec/${traceId}/operations?method=get&limit=1`);
        expect(answer.body.results[0]).toMatchObject({
          ...{ method: 'GET', path: '/items/{id}', operation_id: 'getItem', summary: 'Read one item' },
          ...{ tags: ['Catalogue'], security: [{ key: [] }] },
          parameters: [
            { name: 'id', in: 'path', required: true, type: 'integer' },
            { name: 'session' },
            { name: 'X-Tags' },
          ],
        });
      });
    });

    it('the client comes as a zip of one folder without any secret', async () => {
      const { name, traceId } = await register({
        headers: { 'X-Team': SECRETS[0] },
        credentials: { key: { value: SECRETS[1] } },
      });
      const answer = await get(`spec/${traceId}/client`).buffer(true).parse(bytesOf);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="${name}-client.zip"`,
      });
      const files = await unzip(answer.body as Buffer);
      expect([...files.keys()]).toEqual(
        expect.arrayContaining([`${name}-client/package.json`, `${name}-client/client.js`]),
      );
      for (const secret of SECRETS) expect([...files.values()].join('')).not.toContain(secret);
      const again = await get(`spec/${traceId}/client`).buffer(true).parse(bytesOf);
      expect(again.body).toEqual(answer.body);
    });

    describe('credentials', () => {
      it('are sent where their scheme says, the call before the Spec, and shown nowhere', async () => {
        const { name, traceId } = await register({ credentials: { key: { value: SECRETS[0] } } });
        const path = '/items/{id}';
        const ofSpec = await call(name, 'GET', path, { url_params: { id: 1 } });
        expect(ofSpec.echoed().headers['x-key']).toBe(SECRETS[0]);
        const credentials = { key: { value: SECRETS[1] } };
        const ofCall = await call(name, 'GET', path, { url_params: { id: 1 }, credentials });
        expect(ofCall.echoed().headers['x-key']).toBe(SECRETS[1]);
        const byHand = await call(name, 'GET', path, {
          url_params: { id: 1 },
          credentials,
          headers: { 'x-key': 'mine' },
        });
        expect(byHand.echoed().headers['x-key']).toBe('mine');
        const login = { login: { username: 'ü', password: SECRETS[2] } };
        const basic = await call(name, 'POST', '/files', { req_body: { name: 'a' }, credentials: login });
        expect(basic.echoed().headers.authorization).toBe(`Basic ${base64(`ü:${SECRETS[2]}`)}`);
        for (const shown of [`spec/${traceId}?client=true`, 'spec/0/1', `scheduler/process/${ofCall.traceId}`]) {
          const { text } = await get(shown);
          for (const secret of SECRETS) expect(text).not.toContain(secret);
        }
        for (const secret of SECRETS) expect(deployment.output()).not.toContain(secret);
        await callboard.put(`/v1/api/spec/${traceId}`, { credentials: null });
        const without = await call(name, 'GET', path, { url_params: { id: 1 } });
        expect(without.echoed().headers).not.toHaveProperty('x-key');
      });

      it('of another form are refused without a word of them', async () => {
        const credentials = { key: { secret: SECRETS[0] } };
        const answer = await callboard.post('/v1/api/spec', {
          name: 'x',
          headers: {},
          spec: base64('{}'),
          credentials,
        });
        expect(answer.status).toBe(400);
        expect(answer.body.message).toBe(
          'Expected credentials.key to be one of {value}, {username, password}, {token}, {client_id, client_secret, scopes?, refresh_token?}, {certificate, private_key, passphrase?}, all of text, got an object of 1 property.',
        );
      });
    });

    describe('calls', () => {
      it('take cookie parameters', async () => {
        const { name } = await register();
        const fields = { url_params: { id: 7 }, cookie_params: { session: 'a b' } };
        const { echoed, traceId } = await call(name, 'GET', '/items/{id}', fields);
        expect(echoed()).toMatchObject({ url: '/items/7', headers: { cookie: 'session=a%20b' } });
        expect((await get(`scheduler/process/${traceId}`)).body).toMatchObject({ cookie_params: { session: 'a b' } });
      });

      it('keep every digit of a number', async () => {
        const { name } = await register();
        const text = `{"cache": {"mode": "off"}, "service": "${name}", "method": "POST", "endpoint": "/files",
          "query_params": {"since": 12345678901234567890, "page": 2},
          "content_type": "application/json", "req_body": {"name": 9007199254740993, "price": 1.00000000000000000001}}`;
        const accepted = await callboard.post('/v1/api/scheduler/process', JSON.parse(text)).serialize(() => text);
        const traceId = accepted.body.trace_id as string;
        expect(await callboard.processEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
        const echoed = echoOf((await callboard.response(traceId)).body);
        expect(echoed.url).toBe('/files?since=12345678901234567890&page=2');
        expect(echoed.body).toBe('{"name": 9007199254740993, "price": 1.00000000000000000001}');
        const shown = await get(`scheduler/process/${traceId}`);
        expect(shown.text).toContain('"req_body":{"name": 9007199254740993, "price": 1.00000000000000000001}');
      });

      it('take headers of any type, and null for none', async () => {
        const { name } = await register({ headers: { 'x-default': 'of the Spec' } });
        const headers = { 'x-tags': ['a', 'b'], 'X-Default': null, 'X-Number': 5 };
        const { echoed, traceId } = await call(name, 'GET', '/items/{id}', { url_params: { id: 7 }, headers });
        expect(echoed().headers).toMatchObject({ 'x-tags': 'a,b', 'x-number': '5' });
        expect(echoed().headers).not.toHaveProperty('x-default');
        expect((await get(`scheduler/process/${traceId}`)).body).toMatchObject({ headers });
      });

      it('take files by name, and pick a media type', async () => {
        const { name } = await register();
        const bytes = Buffer.from('{"a file": "of JSON"}');
        const uploaded = await upload(bytes, 'application/json');
        expect(uploaded).toMatchObject({ status: 201, body: { bytes: bytes.length } });
        const file = {
          $file: { blob: uploaded.body.blob as string, filename: 'a.json', content_type: 'application/json' },
        };
        const multipart = await call(name, 'POST', '/files', { req_body: { file } });
        expect(multipart.echoed().headers['content-type']).toMatch(/^multipart\/form-data/);
        expect(multipart.echoed().body).toContain(
          'name="file"; filename="a.json"\r\nContent-Type: application/json\r\n\r\n{"a file": "of JSON"}\r\n',
        );
        const json = await call(name, 'POST', '/files', { req_body: { name: 'b' }, content_type: 'application/json' });
        expect(json.echoed()).toMatchObject({ headers: { 'content-type': 'application/json' }, body: '{"name":"b"}' });
      });

      it('that name no uploaded blob end in ERROR', async () => {
        const { name, traceId } = await register();
        for (const blob of ['uploads/' + 'x'.repeat(32), `specs/${traceId}/x`, '../../etc/passwd', '']) {
          const { status } = await call(name, 'POST', '/files', { req_body: { file: { $file: { blob } } } });
          expect(status).toMatchObject({ status: 'ERROR', error: expect.stringContaining('to name an uploaded blob') });
        }
      });
    });

    describe('strict handling', () => {
      function schedule(body: object, prefer = 'handling=strict') {
        return callboard.post('/v1/api/scheduler/process', body).set('Prefer', prefer);
      }

      it('refuses a call with every fault that it has', async () => {
        const { name } = await register();
        const call = { service: name, method: 'GET', endpoint: '/items/{id}' };
        const answer = await schedule({ ...call, url_params: { id: 'x', other: 1 }, cookie_params: { session: {} } });
        expect(answer.status).toBe(422);
        expect(answer.body).toMatchObject({
          error: true,
          message: expect.stringMatching(/^Expected .*\(and 2 more\)$/),
        });
        const faults = answer.body.faults as { pointer: string }[];
        expect(faults.map(({ pointer }) => pointer).sort()).toEqual([
          '/cookie_params/session',
          '/url_params/id',
          '/url_params/other',
        ]);
        expect(faults).toContainEqual({
          pointer: '/url_params/id',
          expected: 'an integer of at least 1',
          got: 'a string of 1 character',
          message: 'Expected /url_params/id to be an integer of at least 1, got a string of 1 character.',
        });
        for (const wrong of [{ service: 'nobody' }, { endpoint: '/item/{id}' }, { method: 'PUT' }]) {
          const refused = await schedule({ ...call, ...wrong });
          expect([refused.status, refused.body.faults[0].pointer]).toEqual([422, `/${Object.keys(wrong)[0] ?? ''}`]);
        }
        const blob = await schedule({
          ...{ service: name, method: 'POST', endpoint: '/files' },
          req_body: { file: { $file: { blob: 'nothing' } } },
        });
        expect(blob.body).toMatchObject({ message: expect.stringContaining('uploaded blob') });
      });

      it('tells the place of a credential that cannot be used', async () => {
        const { name } = await register();
        const call = { service: name, method: 'GET', endpoint: '/items/{id}', url_params: { id: 1 } };
        const answer = await schedule({ ...call, credentials: { nothing: { value: 's3cr3t' } } });
        expect([answer.status, answer.body.faults]).toEqual([
          422,
          [expect.objectContaining({ pointer: '/credentials' })],
        ]);
        expect(answer.text).not.toContain('s3cr3t');
      });

      it('lets a call pass that holds to the document', async () => {
        const { name } = await register();
        const call = { service: name, method: 'get', endpoint: '/items/{id}', url_params: { id: '5' } };
        const answer = await schedule(call, 'respond-async, handling=strict');
        expect([answer.status, answer.headers['preference-applied']]).toEqual([200, 'handling=strict']);
        expect(await callboard.processEnded(answer.body.trace_id as string)).toMatchObject({ status: 'SUCCESS' });
        const lenient = await schedule({ ...call, url_params: {} }, 'handling=lenient');
        expect(lenient.headers).not.toHaveProperty('preference-applied');
        expect(await callboard.processEnded(lenient.body.trace_id as string)).toMatchObject({
          error: 'Error executing API call: API call failed: id is required and must be specified',
        });
      });

      it('needs a document that has been read', async () => {
        names += 1;
        const name = `documents-${names}`;
        await callboard.specEnded(await callboard.register(name, '[]'), ['ERROR']);
        const answer = await schedule({ service: name, method: 'GET', endpoint: '/' });
        expect([answer.status, answer.body.message]).toEqual([
          409,
          `Expected a spec with a client to check the call against, got ${name}, whose client could not be made.`,
        ]);
      });
    });

    describe('drift', () => {
      it('of answers is told of the process and counted by operation, and fails nothing', async () => {
        const { name, traceId } = await register();
        const fields = { url_params: { id: 1 } };
        service.answer = { status: 200, type: 'application/json', body: '{"id": "one"}' };
        const body = await call(name, 'GET', '/items/{id}', fields);
        expect(body.status).toMatchObject({ status: 'SUCCESS' });
        expect((await get(`scheduler/process/${body.traceId}`)).body.drift).toEqual([
          { place: 'body', pointer: '/id', expected: 'an integer', got: expect.stringContaining('string') },
        ]);
        service.answer = { status: 404, type: 'text/html', body: 'none' };
        const status = await call(name, 'GET', '/items/{id}', fields);
        expect((await get(`scheduler/process/${status.traceId}`)).body.drift).toMatchObject([{ place: 'status' }]);
        service.answer = { status: 200, type: 'application/json', body: '{"id": 1}' };
        const right = await call(name, 'GET', '/items/{id}', fields);
        expect((await get(`scheduler/process/${right.traceId}`)).body).not.toHaveProperty('drift');
        const { results } = (await get(`spec/${traceId}/operations`)).body as { results: { drift?: object }[] };
        expect(results.map(({ drift }) => drift)).toMatchObject([{ count: 2 }, undefined]);
      });

      it('is seen in answers that lie in the blob store', async () => {
        const { name } = await register();
        service.answer = { status: 200, type: 'application/json', body: JSON.stringify({ id: 'x'.repeat(100_000) }) };
        const { traceId, text } = await call(name, 'GET', '/items/{id}', { url_params: { id: 1 } });
        expect(text).toHaveLength(100_009);
        expect((await get(`scheduler/process/${traceId}`)).body.drift).toMatchObject([{ pointer: '/id' }]);
      });
    });

    it('uploads end at the limit of a body', async () => {
      const auth = `${deployment.username}:${deployment.password}`;
      const answer = await announce(`${deployment.api}/v1/api/blobs`, 11 * 1024 * 1024, auth);
      expect(answer).toMatchObject({ status: 413, body: { error: true } });
      expect((await upload(Buffer.alloc(0), 'text/plain')).body).toMatchObject({ bytes: 0 });
    });

    function upload(bytes: Buffer, type: string) {
      return request(deployment.api)
        .post('/v1/api/blobs')
        .auth(deployment.username, deployment.password)
        .set('content-type', type)
        .serialize((body: unknown) => body as string)
        .send(bytes as unknown as string);
    }
  });
}

function echoOf(body: Buffer): EchoedRequest {
  return JSON.parse(body.toString()) as EchoedRequest;
}

/** For answers that are bytes. */
function bytesOf(response: Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}

async function unzip(zip: Buffer): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const file = await fromBufferPromise(zip);
  for await (const entry of file.eachEntry()) {
    files.set(entry.fileName, (await buffer(await file.openReadStreamPromise(entry))).toString());
  }
  return files;
}
