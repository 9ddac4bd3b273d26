// A client of the REST API.
import { Pool } from 'undici';
import { authorization } from './app.mjs';

/** Asks over a fixed number of connections. */
export class Client {
  headers = { authorization };

  constructor(address, connections) {
    this.pool = new Pool(address, { connections, pipelining: 1 });
  }

  async call(method, path, body) {
    const response = await this.pool.request({
      method,
      path,
      headers: { ...this.headers, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`${method} ${path} was answered ${response.statusCode}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Registers the benchmark's document and waits until it serves. */
  async register(upstream) {
    const document = {
      openapi: '3.0.3',
      info: { title: 'bench', version: '1' },
      servers: [{ url: upstream }],
      paths: {
        '/item/{id}': {
          get: {
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            responses: { 200: { description: 'OK' } },
          },
        },
      },
    };
    const spec = Buffer.from(JSON.stringify(document)).toString('base64');
    const { trace_id: id } = await this.call('POST', '/v1/api/spec', { name: 'bench', headers: {}, spec });
    for (;;) {
      const { status, error } = await this.call('GET', `/v1/api/spec/${id}/status`);
      if (status === 'SUCCESS') return id;
      if (status === 'ERROR') throw new Error(error);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Schedules one call and returns its trace id. */
  async schedule(id) {
    return (await this.call('POST', '/v1/api/scheduler/process', callOf(id))).trace_id;
  }

  /** Schedules up to 1,000 calls by one request. */
  async scheduleAll(calls) {
    const { results } = await this.call('POST', '/v1/api/scheduler/process/batch', { processes: calls });
    return results;
  }

  /** Whether a process has ended well; throws when it ended otherwise. */
  async ended(traceId) {
    const { status, error } = await this.call('GET', `/v1/api/scheduler/process/${traceId}/status`);
    if (status === 'ERROR') throw new Error(`${traceId}: ${error}`);
    return status === 'SUCCESS';
  }

  close() {
    return this.pool.close();
  }
}

/** The request body of one call. */
export function callOf(id) {
  return { service: 'bench', method: 'GET', endpoint: '/item/{id}', url_params: { id } };
}
