import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithServer } from '../setup/real-servers.js';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Deployment } from './deployment.js';

/** A real service that nobody here wrote, by its own Swagger 2.0 document. */
describeWithServer(['HTTPBIN_URL'], "httpbin, by its own document and the Spec's url", (env) => {
  const httpbin = env.HTTPBIN_URL ?? '';
  let deployment: Deployment;
  let callboard: CallboardClient;

  beforeAll(async () => {
    deployment = await startStandalone();
    callboard = new CallboardClient(deployment);
    const document = await (await fetch(`${httpbin}/spec.json`)).text();
    const traceId = await callboard.register('httpbin', document, { url: httpbin });
    expect(await callboard.specEnded(traceId)).toMatchObject({ status: 'SUCCESS' });
    const { body } = await callboard.get(`/v1/api/spec/${traceId}?client=true`);
    expect(body).toMatchObject({ url: httpbin, client: { url: httpbin } });
  }, 60_000);

  afterAll(async () => {
    await deployment.stop();
  }, 60_000);

  async function call(method: string, endpoint: string, fields: object = {}) {
    const traceId = await callboard.schedule('httpbin', method, endpoint, fields);
    const status = await callboard.processEnded(traceId);
    const response = await callboard.response(traceId);
    const json = () => JSON.parse(response.body.toString()) as Record<string, unknown>;
    return { status, response, json };
  }

  it('sends query parameters and headers', async () => {
    const { json } = await call('GET', '/get', { query_params: { a: 'b c', n: 1 }, headers: { 'X-Own': 'ü' } });
    expect(json()).toMatchObject({ args: { a: 'b c', n: '1' }, headers: { 'X-Own': expect.anything() } });
  });

  it('brings every character of a path parameter there, and a body', async () => {
    const anything = 'b?c#d %ü';
    const { json } = await call('POST', '/anything/{anything}', {
      url_params: { anything },
      req_body: { x: [1, null] },
    });
    expect(json()).toMatchObject({ method: 'POST', json: { x: [1, null] } });
    expect(decodeURI(String(json().url).replace(/%(?![0-9A-F]{2})/g, '%25'))).toMatch(/\/anything\/b%3Fc%23d %ü$/);
  });

  it.each([
    [200, 'SUCCESS', undefined],
    [404, 'ERROR', 'Error executing API call: API call failed: 404 Not Found'],
    [503, 'ERROR', 'Error executing API call: API call failed: 503 Service Unavailable'],
  ])('ends an answer of %d in %s', async (codes, status, error) => {
    const result = await call('GET', '/status/{codes}', { url_params: { codes } });
    expect(result.status).toMatchObject({ status, ...(error && { error }) });
  });

  it('gives back the very bytes of an image', async () => {
    const { response } = await call('GET', '/image/png');
    const original = Buffer.from(await (await fetch(`${httpbin}/image/png`)).arrayBuffer());
    expect(response.headers['content-type']).toBe('image/png');
    expect(response.body.equals(original)).toBe(true);
  });

  it('undoes gzip', async () => {
    const { response, json } = await call('GET', '/gzip');
    expect(json()).toMatchObject({ gzipped: true });
    expect(response.headers['content-encoding']).toBeUndefined();
  });

  it('waits for a slow answer, and not longer than told', async () => {
    const waited = await call('GET', '/delay/{delay}', { url_params: { delay: 1 } });
    expect(waited.status.status).toBe('SUCCESS');
    const late = await call('GET', '/delay/{delay}', { url_params: { delay: 5 }, timeout_ms: 300 });
    expect(late.status).toMatchObject({ status: 'ERROR', error: expect.stringContaining('300 ms') });
  });

  it('follows redirects', async () => {
    const { json } = await call('GET', '/redirect/{n}', { url_params: { n: 3 } });
    expect(json().url).toMatch(/\/get$/);
  });

  it('authenticates by a header given by hand', async () => {
    const url_params = { user: 'me', passwd: 'secret' };
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    const known = await call('GET', '/basic-auth/{user}/{passwd}', { url_params, headers: { authorization } });
    expect(known.json()).toEqual({ authenticated: true, user: 'me' });
    const unknown = await call('GET', '/basic-auth/{user}/{passwd}', { url_params });
    expect(unknown.status).toMatchObject({ error: 'Error executing API call: API call failed: 401 Unauthorized' });
  });

  it('keeps a large answer whole', async () => {
    const { response } = await call('GET', '/bytes/{n}', { url_params: { n: 100_000 }, query_params: { seed: 7 } });
    const original = Buffer.from(await (await fetch(`${httpbin}/bytes/100000?seed=7`)).arrayBuffer());
    expect(response.body.equals(original)).toBe(true);
  });
});
