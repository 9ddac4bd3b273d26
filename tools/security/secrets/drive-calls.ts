import { TOKENS, WAYS } from './document.js';
import { driveRefusals } from './drive-refusals.js';
import { certificate } from './drive-specs.js';
import type { Kind } from './marks.js';
import { ECHO, fieldsOf } from './scene.js';
import type { Scene } from './scene.js';

const JSON_TYPE = 'application/json';
const TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/octet-stream'];
/** What each call is given, beside its secrets. */
const COMMON = {
  service: 'leaky',
  key: 'tenant',
  timeout_ms: 700,
  retry: { attempts: 2, backoff_seconds: 0, unsafe: true },
};

/** Calls in every way, one by one and many at once, with every verb that a process knows. */
export async function driveCalls(scene: Scene, spec: string): Promise<void> {
  const { asking } = scene;
  const blob = await upload(scene);
  const traceIds: string[] = [];
  for (const way of WAYS) {
    const posted = { body: call(scene, way, JSON_TYPE, blob) };
    traceIds.push(await asking.makes('createSchedulerProcess', posted));
    const { req_body: _, content_type: __, ...got } = call(scene, way, JSON_TYPE, blob, 'GET');
    traceIds.push(await asking.makes('createSchedulerProcess', { body: got }));
  }
  const processes = TYPES.flatMap((type) => WAYS.map((way) => call(scene, way, type, blob)));
  const batch = await asking.made('createSchedulerProcesses', { body: { processes } });
  traceIds.push(...(batch.body.results as { trace_id: string }[]).map((each) => each.trace_id));
  traceIds.push(...(await faultyServices(scene)), ...(await driveRefusals(scene)), ...(await otherVerbs(scene, blob)));
  for (const traceId of traceIds) await look(scene, traceId);
  await asking.made('listSchedulerProcesses', { query: { limit: '1000' }, shows: fieldsOf(scene) });
  await asking.made('listSchedulerProcesses', { query: { error: 'expected', limit: '1000' }, shows: fieldsOf(scene) });
  await asking.made('findOperations', { path: { trace_id: spec } });
}

/** All that can be asked of one process. */
async function look(scene: Scene, traceId: string): Promise<void> {
  const { asking } = scene;
  const path = { trace_id: traceId };
  await asking.ended('getSchedulerProcessStatus', traceId);
  await asking.made('getSchedulerProcess', { path, shows: fieldsOf(scene, 'body') });
  await asking.made('listAttempts', { path, shows: ['answer'] });
  await asking.made('getSchedulerProcessResponse', { path, shows: ECHO });
  await asking.made('streamSchedulerProcessEvents', { path });
}

/** Bytes that bodies name as files. */
async function upload({ asking, marks }: Scene): Promise<string> {
  const body = Buffer.from(marks.plant('uploaded bytes', 'upload').padEnd(100_000));
  return String((await asking.made('uploadBlob', { body })).body.blob);
}

function call({ marks }: Scene, way: string, type: string, blob: string, method = 'POST') {
  const of = (what: string, kind: Kind): string => marks.plant(`${what} of a call (${method} ${way}, ${type})`, kind);
  const fields = { password: of('a body', 'body'), text: of('another field of a body', 'body') };
  const bodies: Readonly<Record<string, unknown>> = {
    'text/plain': of('a body', 'body'),
    'application/octet-stream': { $file: { blob, name: of('the name of a file', 'body') } },
    'multipart/form-data': { ...fields, file: { $file: { blob } } },
  };
  return {
    ...{ ...COMMON, method, endpoint: `/${way}/{id}`, content_type: type },
    headers: { 'x-header': of('a header', 'header'), Cookie: `c=${of('a Cookie header', 'header')}` },
    query_params: { 'x-query': of('a query parameter', 'parameter') },
    url_params: { id: of('a path parameter', 'parameter') },
    cookie_params: { 'x-cookie': of('a cookie', 'header') },
    req_body: bodies[type] ?? fields,
    credentials: { bearer: { token: of('a bearer token', 'credential') } },
  };
}

/** Services that are away, behind a proxy that refuses, over TLS, or whose tokens are not to be had. */
async function faultyServices(scene: Scene): Promise<string[]> {
  const { asking, marks, service } = scene;
  const wrongKey = { ...certificate(scene), passphrase: marks.plant('a wrong passphrase', 'credential') };
  const services = {
    down: { url: 'http://127.0.0.1:9' },
    // By a name that is not excepted from the proxy.
    proxied: { url: service.address.replace('127.0.0.1', 'localhost') },
    secure: { url: service.secureAddress, credentials: { $tls: certificate(scene) } },
  };
  const traceIds: string[] = [];
  const paths = {
    '/echo/{id}': { post: { parameters: [parameter()], requestBody: { content: { [JSON_TYPE]: {} } } } },
  };
  const document = JSON.stringify({ openapi: '3.1.0', info: { title: 'Faulty', version: '1' }, paths });
  const spec = { headers: {}, spec: Buffer.from(document).toString('base64') };
  await asking.ask('createSpec', { body: { ...spec, name: 'key', credentials: { $tls: wrongKey } } });
  for (const [name, fields] of Object.entries(services)) {
    const traceId = await asking.makes('createSpec', { body: { ...spec, ...fields, name } });
    await asking.ended('getSpecStatus', traceId);
    const { credentials: _, cookie_params: __, query_params: ___, ...body } = call(scene, 'echo', JSON_TYPE, '');
    traceIds.push(await asking.makes('createSchedulerProcess', { body: { ...body, service: name } }));
  }
  for (const how of TOKENS) {
    const body = { ...COMMON, method: 'GET', endpoint: `/tokens/${how}` };
    traceIds.push(await asking.makes('createSchedulerProcess', { body }));
  }
  return traceIds;
}

function parameter() {
  return { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
}

/** Keys, waiting for an end, later, cancelled, and once more. */
async function otherVerbs(scene: Scene, blob: string): Promise<string[]> {
  const { asking, marks } = scene;
  const headers = { 'idempotency-key': marks.plant('an Idempotency-Key', 'submission') };
  const body = call(scene, 'echo', JSON_TYPE, blob);
  const once = await asking.makes('createSchedulerProcess', { body, headers });
  await asking.made('createSchedulerProcess', { body, headers });
  await asking.ask('createSchedulerProcess', { body: call(scene, 'echo', JSON_TYPE, blob), headers });
  const malformed = { 'idempotency-key': `"${marks.plant('a malformed Idempotency-Key', 'submission')}` };
  await asking.ask('createSchedulerProcess', { body, headers: malformed });
  for (const way of ['echo', 'status/500', 'large']) {
    const waiting = { body: call(scene, way, JSON_TYPE, blob), headers: { prefer: 'wait=20' }, shows: ECHO };
    await asking.made('createSchedulerProcess', waiting);
  }
  const later = await asking.makes('createSchedulerProcess', {
    body: { ...call(scene, 'echo', JSON_TYPE, blob), delay: 'P1D' },
  });
  await asking.made('cancelSchedulerProcess', { path: { trace_id: later } });
  await asking.ended('getSchedulerProcessStatus', once);
  await asking.ask('cancelSchedulerProcess', { path: { trace_id: once } });
  const again = {
    path: { trace_id: once },
    headers: { 'idempotency-key': marks.plant("a replay's key", 'submission') },
  };
  return [once, later, await asking.makes('replaySchedulerProcess', again)];
}
