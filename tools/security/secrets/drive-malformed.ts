import { requireStatus } from './asking.js';
import type { Kind } from './marks.js';
import type { Scene } from './scene.js';

const CALL = { service: 'leaky', method: 'POST', endpoint: '/echo/{id}', url_params: { id: '1' } };

/** Secrets in requests that cannot be read, whatever any document says. */
export async function driveMalformed(scene: Scene): Promise<void> {
  await malformedCalls(scene);
  await malformedOthers(scene);
  await nowhere(scene);
}

/** Calls whose fields cannot be read at all. */
async function malformedCalls(scene: Scene): Promise<void> {
  const { asking, marks } = scene;
  const of = (what: string, kind: Kind = 'body') => marks.plant(`${what} of a malformed call`, kind);
  const ours = (what: string) => of(what, 'field of ours');
  const malformed: Readonly<Record<string, unknown>>[] = [
    { headers: of('headers that are a text') },
    { headers: { 'x-a': `${of('a header with a line break')}\n` } },
    { headers: { [`Authorization: Bearer ${of('a header that is a name')}`]: '' } },
    { headers: { 'Content-Length': of('a header of the connection') } },
    { headers: { 'X-A': of('a header that comes twice'), 'x-a': of('the other of the two') } },
    { query_params: of('parameters that are a text') },
    { url_params: [of('parameters that are a list')] },
    { cookie_params: of('cookies that are a text') },
    { credentials: { key: of('a credential that is a text') } },
    { credentials: { key: { value: `${of('a credential with a line break')}\n` } } },
    { credentials: { key: { valu: of('a credential with a wrong name') } } },
    { credentials: { [of('a credential with a name that is too long').repeat(8)]: { value: 'x' } } },
    { service: { name: ours('a service that is an object') } },
    { service: `${ours('a service with a line break')}\n` },
    { endpoint: [ours('an endpoint that is a list')] },
    { method: ours('a method that is too long').repeat(2) },
    { key: `${ours('a key with a line break')}\n` },
    { content_type: `${ours('a content type with a line break')}\n` },
    { timeout_ms: marks.plantNumber('a time-out', 'field of ours') },
    { retry: { on: [ours('a reason to retry')] } },
    { retry: { other: ours('an unknown field of retry') } },
    { cache: { mode: ours('a mode of the cache') } },
    { unknown: of('an unknown field') },
    { query_parms: { a: of('a parameter under a misspelled name') } },
    { [`a ${of('a field whose name is none')}`]: 1 },
    ...['run_at', 'expires_at', 'delay', 'priority', 'timeout_ms', 'retry', 'cache'].map((name) => ({
      [name]: ours(name),
    })),
  ];
  const processes = malformed.map((fields) => ({ ...CALL, ...fields }));
  for (const body of processes) await asking.refused(400, 'createSchedulerProcess', { body });
  // In a batch with one that is right, which is answered 200.
  const { body } = await asking.made('createSchedulerProcesses', { body: { processes: [...processes, CALL] } });
  if (body.count !== 1) throw new Error('Expected each malformed call of a batch to be refused, and no other.');
  await asking.refused(400, 'createSchedulerProcess', { body: `{"service": "leaky", ${of('a broken body')}` });
  await asking.refused(400, 'createSchedulerProcess', { body: `"${of('a body that is a text')}"` });
  for (const type of ['application/x-www-form-urlencoded', `text/${ours('a content type of ours')}`]) {
    const body = `a=${of('a form')}`;
    await asking.refused(415, 'createSchedulerProcess', { body, headers: { 'content-type': type } });
  }
}

/** What is not a call. */
async function malformedOthers(scene: Scene): Promise<void> {
  const { asking, marks } = scene;
  const of = (what: string, kind: Kind = 'field of ours') => marks.plant(`${what} that is malformed`, kind);
  const spec = { name: 'malformed', headers: {}, spec: 'e30=' };
  for (const fields of [
    { name: `${of('a name')}\n` },
    { headers: { [`Authorization: Bearer ${of('a header of a Spec', 'header')}`]: 'x' } },
    { headers: { 'x-a': [of('a header in a list', 'header')] } },
    { headers: { 'x-a': marks.plantNumber('a header that is a number', 'header') } },
    { spec: `${of('a document in base64', 'document')}!` },
    { url: `ftp://${of('an address')}/` },
    { url: `http://h/?token=${of('the query of an address')}` },
    { server_variables: { tenant: [of('a server variable', 'parameter')] } },
    { server_variables: { [`a ${of('the name of a server variable', 'parameter')}`]: 1 } },
    { limits: { requests: of('a limit') } },
    { retry: { attempts: of('a number of attempts') } },
  ]) {
    await asking.refused(400, 'createSpec', { body: { ...spec, ...fields } });
  }
  for (const [operationId, body] of [
    ['createProject', { name: `${of('the name of a project')}!` }],
    ['createProject', { name: 'malformed', title: [of('a title')] }],
    ['createApiKey', { name: 'malformed', scopes: [of('a scope')] }],
    ['createApiKey', { name: 'malformed', scopes: ['read'], specs: [of('a Spec of a key')] }],
    ['replayDeadLetters', { kind: of('a kind') }],
    ['purgeDeadLetters', { from: of('a time') }],
  ] as const) {
    await asking.refused(400, operationId, { body });
  }
  const path = (name: string) => ({
    trace_id: of(name),
    name: `a ${of(name)}`,
    generator: `a ${of(name)}`,
    version: of(name),
    offset: of(name),
    limit: of(name),
  });
  for (const id of [
    'getSpec',
    'listSpecs',
    'getSpecVersion',
    'downloadSdk',
    'getProject',
    'getApiKey',
    'getSchedulerProcess',
    'getSchedulerProcessStatus',
    'getSchedulerProcessResponse',
    'listAttempts',
    'cancelSchedulerProcess',
    'replaySchedulerProcess',
  ]) {
    await asking.refused([400, 404], id, { path: path(`the path of ${id}`) });
  }
  for (const [id, names] of [
    ['listSchedulerProcesses', ['limit', 'status', 'created_from', 'created_to', 'cursor', 'unknown']],
    ['listDeadLetters', ['limit', 'kind', 'from', 'to', 'cursor', 'unknown']],
    ['listAuditRecords', ['limit', 'from', 'to', 'cursor', 'unknown']],
  ] as const) {
    for (const name of names) await asking.refused(400, id, { query: { [name]: of(`${name} of ${id}`) } });
  }
  await asking.refused([400, 404], 'listSchedulerProcesses', { headers: { 'x-project': of('a project') } });
}

/** Addresses that are none. */
async function nowhere({ asking, marks, deployment }: Scene): Promise<void> {
  const of = () => marks.plant('an address of nothing', 'field of ours');
  for (const address of [deployment.api, deployment.apidoc]) {
    for (const [method, path] of [
      ['GET', `/v1/api/${of()}`],
      ['GET', `/v1/api/spec/${of()}/${of()}`],
      ['GET', `/v1/api/spec/%zz${of()}`],
      ['GET', `/v1/api/spec/%00${of()}`],
      ['GET', `/v1/api/spec/${of().padEnd(2_000, 'x')}`],
      ['GET', `/v1/api/${of().padEnd(9_000, 'x')}`],
      ['PATCH', `/v1/api/spec/${of()}`],
    ] as const) {
      const answered = await asking.send('nothing', method, `${address}${path}`);
      requireStatus(`${method} of an address of nothing`, answered, [400, 404, 405, 414]);
    }
  }
}
