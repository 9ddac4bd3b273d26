import { basic } from './asking.js';
import { fieldsOf } from './scene.js';
import type { Scene } from './scene.js';

const SCOPES = ['read', 'schedule', 'manage', 'admin'];

/** Who may do what: projects, keys, users, the record of it all; and who is not let in. */
export async function driveAccess(scene: Scene, spec: string): Promise<void> {
  const { asking, marks, other } = scene;
  await asking.made('createProject', { body: { name: 'team', title: 'Team' } });
  await asking.made('changeProject', { path: { name: 'team' }, body: { title: 'A team' } });
  for (const id of ['getProject', 'removeProject']) await asking.made(id, { path: { name: 'team' } });
  await asking.made('listProjects');

  const made = async (scopes: readonly string[]) => {
    const body = { name: scopes.join(), scopes, specs: [spec] };
    const { body: answered } = await asking.made('createApiKey', { body, shows: ['API key'] });
    marks.watch(`an API key (${scopes.join()})`, 'API key', String(answered.key));
    return { traceId: String(answered.trace_id), authorization: `Bearer ${String(answered.key)}` };
  };
  const [all, reader] = [await made(SCOPES), await made(['read'])];
  await readOnly(scene, spec, reader.authorization);
  await readOnly(scene, spec, basic(other.name, other.password));
  // What it lacks, by whom, is on the record.
  const { authorization } = reader;
  await asking.ask('removeSpec', { path: { trace_id: spec }, headers: { authorization } });
  for (const id of ['getApiKey', 'revokeApiKey']) await asking.made(id, { path: { trace_id: all.traceId } });
  await asking.ask('listApiKeys', { headers: { authorization: all.authorization } });
  await asking.made('listApiKeys');
  await strangers(scene);
  await asking.made('listAuditRecords', { query: { limit: '1000' }, shows: ['field of ours'] });
}

/** Those who may only read see no value of a header. */
async function readOnly(scene: Scene, spec: string, authorization: string): Promise<void> {
  const { asking } = scene;
  const headers = { authorization };
  const shows = fieldsOf({ ...scene, headers: [] });
  const path = { trace_id: spec };
  await asking.made('getSpec', { path, headers, shows });
  await asking.made('listSpecs', { path: { offset: 0, limit: 100 }, headers, shows });
  const { body } = await asking.made('listSchedulerProcesses', { headers, shows });
  for (const { trace_id: traceId } of (body.results as { trace_id: string }[]).slice(0, 5)) {
    await asking.made('getSchedulerProcess', { path: { trace_id: traceId }, headers, shows: [...shows, 'body'] });
  }
}

/** Credentials that nobody has, in each place where one might put them, and the passage through the documentation. */
async function strangers(scene: Scene): Promise<void> {
  const { asking, marks, deployment } = scene;
  const plant = (place: string) => marks.plant(place, 'login');
  const path = '/v1/api/scheduler/processes';
  for (const address of [deployment.api, deployment.apidoc]) {
    for (const headers of [
      { authorization: basic('somebody', plant('a wrong password')) },
      { authorization: basic(plant('a wrong user name'), 'x') },
      { authorization: `Bearer ${plant('a wrong token')}` },
      { authorization: `Bearer cb_${plant('a wrong API key')}` },
      { authorization: plant('a credential of no scheme') },
      { cookie: `session=${plant('a cookie for our API')}` },
      { 'x-api-key': plant('a key in a header of its own') },
    ]) {
      await asking.send('a stranger', 'GET', `${address}${path}`, { headers: { authorization: '', ...headers } });
      await asking.send('a stranger', 'POST', `${address}/v1/api/scheduler/process`, { headers, body: {} });
    }
    const query = { api_key: plant('a key in a query'), token: plant('a token in a query') };
    await asking.send('a key in a query', 'GET', `${address}${path}`, { query });
    await asking.send('a key in a query of nothing', 'GET', `${address}/v1/api/nothing`, { query });
    const userinfo = address.replace('http://', `http://user:${plant('userinfo in an address of ours')}@`);
    const absolute = { query: { callback: userinfo } };
    await asking.send('an address in a query', 'GET', `${address}${path}`, absolute);
  }
  for (const address of deployment.workers) {
    const headers = { authorization: `Bearer ${plant("a wrong token of a worker's metrics")}` };
    for (const page of ['metrics', 'v1/worker/health', 'nothing']) {
      await asking.send(`a stranger at a worker`, 'GET', `${address}/${page}`, { headers });
    }
  }
  await watch(scene);
}

/** What operators look at. */
async function watch({ asking, deployment, metricsToken }: Scene): Promise<void> {
  const headers = { authorization: `Bearer ${metricsToken}` };
  for (const id of ['ping', 'getHealth', 'getLiveness']) await asking.made(id, { headers });
  const { api, apidoc, workers } = deployment;
  for (const address of [api, apidoc, ...workers]) {
    const { status } = await asking.send('GET /metrics', 'GET', `${address}/metrics`, { headers });
    if (status !== 200) throw new Error(`Expected the metrics of ${address}, got ${status}.`);
  }
  for (const address of workers) await asking.send('health', 'GET', `${address}/v1/worker/health`, { headers });
  await asking.send('the documentation', 'GET', `${apidoc}/v1/apidoc/swagger`);
}
