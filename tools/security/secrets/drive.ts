import type { CallboardClient } from '../../../test/e2e/callboard-client.js';
import type { Standalone } from '../../../test/e2e/deployment.js';
import { leakyDocument, WAYS } from './document.js';
import type { Marks } from './marks.js';

/** An answer in which no secret may stand. */
export interface Answer {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Gives secrets in every place that takes one, has calls go wrong, and asks every endpoint. @returns what was answered */
export async function drive(
  callboard: CallboardClient,
  { workers, apidoc }: Pick<Standalone, 'workers' | 'apidoc'>,
  service: string,
  marks: Marks,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const keep = (what: string, body: Buffer | string): void => void answers.push({ what, bytes: Buffer.from(body) });
  const plant = (place: string): string => marks.plant(place);
  const fields = {
    headers: { Authorization: `Bearer ${plant('the Authorization of a Spec')}`, 'x-spec': plant('a header of a Spec') },
    credentials: {
      key: { value: plant('an API key of a Spec') },
      basic: { username: plant('a user name of a Spec'), password: plant('a password of a Spec') },
      bearer: { token: plant('a bearer token of a Spec') },
      oauth: {
        client_id: 'client',
        client_secret: plant('an OAuth client secret'),
        refresh_token: plant('an OAuth refresh token'),
      },
    },
    url: service,
    server_variables: { tenant: plant('a server variable') },
  };
  const userinfo = service.replace('http://', `http://user:${plant("userinfo in a Spec's address")}@`);
  const refused = { ...fields, name: 'refused', spec: Buffer.from('openapi: 3.0.3').toString('base64'), url: userinfo };
  keep('a Spec whose address holds a password', (await callboard.post('/v1/api/spec', refused)).text);
  const specId = await callboard.register('leaky', leakyDocument(service, plant), fields);
  await callboard.specEnded(specId);
  const broken = [`{"openapi": "3.1.0", ${plant('a broken document')}`, `openapi: [${plant('broken YAML')}`];
  for (const [index, document] of broken.entries()) {
    const traceId = await callboard.register(`broken-${index}`, document);
    keep('the status of a broken document', JSON.stringify(await callboard.specEnded(traceId)));
  }
  await callboard.put(`/v1/api/spec/${specId}`, { headers: { 'x-spec': plant('a header of a PUT') } });

  const processes: string[] = [];
  for (const way of WAYS) {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const of = (what: string) => plant(`${what} of a call (${way}, ${type})`);
      const response = await callboard
        .post('/v1/api/scheduler/process', {
          ...{ service: 'leaky', method: 'POST', endpoint: `/${way}/{id}`, content_type: type, timeout_ms: 700 },
          headers: { 'x-header': of('a header'), Cookie: of('a Cookie header') },
          query_params: { 'x-query': of('a query parameter') },
          url_params: { id: of('a path parameter') },
          cookie_params: { 'x-cookie': of('a cookie') },
          req_body:
            type === 'text/plain' ? of('a body') : { password: of('a body'), text: of('another field of a body') },
          credentials: { bearer: { token: of('a bearer token') } },
        })
        .set('Idempotency-Key', of('an Idempotency-Key'));
      keep('POST of a call', response.text);
      const { trace_id: traceId } = response.body as { trace_id?: string };
      if (traceId !== undefined) processes.push(traceId);
    }
  }
  for (const traceId of processes) {
    keep(
      'the status of a call',
      JSON.stringify(await callboard.processEnded(traceId, ['SUCCESS', 'ERROR', 'CANCELLED'])),
    );
    await callboard.download(`/v1/api/scheduler/process/${traceId}/response`);
    await callboard.get(`/v1/api/scheduler/process/${traceId}`);
    await callboard.get(`/v1/api/scheduler/process/${traceId}/attempts`);
  }
  const wrong = [
    { service: 'leaky', method: 'POST', endpoint: '/echo/{id}', headers: plant('headers that are a text') },
    {
      service: 'leaky',
      method: 'POST',
      endpoint: '/echo/{id}',
      credentials: { key: plant('a credential that is a text') },
    },
    {
      service: 'leaky',
      method: 'POST',
      endpoint: '/echo/{id}',
      headers: { 'x-a': `${plant('a header with a line break')}\n` },
    },
  ];
  for (const body of wrong) keep('a wrong POST', (await callboard.post('/v1/api/scheduler/process', body)).text);
  const [some = ''] = processes;
  for (const path of [
    ...['status', 'operations', 'sdk', 'report', 'versions', 'client'].map((what) => `spec/${specId}/${what}`),
    ...[`scheduler/process/${some}/status`, 'dead-letters', 'projects', 'keys', 'audit', 'health', 'ping'],
  ]) {
    const { body } = (await callboard.download(`/v1/api/${path}`)) as { body: Buffer };
    keep(`GET ${path}`, body);
  }
  for (const address of [...workers.map((worker) => `${worker}/metrics`), `${apidoc}/v1/apidoc`]) {
    keep(`GET ${address}`, Buffer.from(await (await fetch(address)).arrayBuffer()));
  }
  keep('GET /metrics', (await callboard.get('/metrics')).text);
  keep('a replay', (await callboard.post(`/v1/api/scheduler/process/${some}/replay`, {})).text);
  return answers;
}
