// The REST API of what Callboard is measured beside: POST /calls, GET /calls/{id}/state.
import { Pool } from 'undici';

/** @returns it as a target of the load, and what ends its connections. */
export function restCalls(port, connections) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  const call = async (method, path, body) => {
    const headers = body && { 'content-type': 'application/json' };
    const response = await pool.request({ method, path, headers, body: body && JSON.stringify(body) });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`${method} ${path} was answered ${response.statusCode}: ${text}`);
    return JSON.parse(text);
  };
  return {
    schedule: async (id) => {
      const asked = { endpoint: '/item/{id}', method: 'GET', params: { id } };
      return (await call('POST', '/calls', asked)).id;
    },
    ended: async (id) => {
      const { state } = await call('GET', `/calls/${id}/state`);
      if (state === 'failed') throw new Error(`Call ${id} failed.`);
      return state === 'completed';
    },
    close: () => pool.close(),
  };
}
