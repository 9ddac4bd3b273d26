import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { bodyOf } from './answers.mjs';
import { authorization } from './deployments.mjs';

const CONNECTIONS = 32;
/** An API that is frozen or gone must not hold a request for ever. */
const ANSWER_DEADLINE_MS = 15_000;
/** What says "the same may succeed later". */
const LATER = new Set([409, 429, 503]);
const SERVICE = 'chaos';

/** A user of the REST API who tries again until he is answered, as the API's documentation has it. */
export class Client {
  /** How many requests were refused, by status; 0 is a connection that failed. */
  refusals = new Map();
  /** Refusals that were not told in one sentence. */
  unclear = [];

  /** @param {AbortSignal} signal ends every request and every wait */
  constructor(address, signal) {
    this.signal = signal;
    this.pool = new Pool(address, {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: ANSWER_DEADLINE_MS,
      bodyTimeout: ANSWER_DEADLINE_MS,
    });
  }

  /** Registers the upstream's document and waits until it serves. */
  async register(upstream) {
    const spec = Buffer.from(JSON.stringify(documentFor(upstream))).toString('base64');
    const body = { name: SERVICE, headers: {}, spec };
    const { trace_id: id } = await this.json('POST', '/v1/api/spec', body);
    for (;;) {
      const { status, error } = await this.json('GET', `/v1/api/spec/${id}/status`);
      if (status === 'SUCCESS') return;
      if (status === 'ERROR') throw new Error(error);
      await pause(50);
    }
  }

  /** Hands a call in, once, however often it takes, and returns its trace id. */
  async accept(method, id) {
    const asked = { service: SERVICE, method, endpoint: '/item/{id}', url_params: { id } };
    const body = bodyOf(method, id);
    const path = '/v1/api/scheduler/process';
    return (await this.json('POST', path, body ? { ...asked, req_body: body } : asked)).trace_id;
  }

  /** The status of a process, or null when the API knows of none. */
  async status(traceId) {
    return this.json('GET', `/v1/api/scheduler/process/${traceId}/status`, undefined, true);
  }

  /** What the service answered: status and bytes. */
  async response(traceId) {
    const path = `/v1/api/scheduler/process/${traceId}/response`;
    const { statusCode, bytes } = await this.answered('GET', path);
    return { status: statusCode, bytes };
  }

  async json(method, path, body, mayMiss = false) {
    const { statusCode, bytes } = await this.answered(method, path, body);
    if (statusCode === 404 && mayMiss) return null;
    if (statusCode !== 200) throw new Error(`${method} ${path} was answered ${statusCode}: ${bytes.toString()}`);
    return JSON.parse(bytes.toString());
  }

  /** Sends a request again and again until its answer is not "later". */
  async answered(method, path, body) {
    const headers = { authorization };
    if (body) {
      headers['content-type'] = 'application/json';
      headers['idempotency-key'] = `"${randomUUID()}"`;
    }
    const options = { method, path, headers, body: body && JSON.stringify(body) };
    for (let tries = 0; ; tries += 1) {
      this.signal.throwIfAborted();
      const answer = await this.once(options);
      if (answer && !LATER.has(answer.statusCode) && answer.statusCode < 500) return answer;
      this.note(answer, `${method} ${path}`);
      const asked = Number(answer?.headers['retry-after'] ?? 0) * 1_000;
      await pause(Math.max(asked, Math.min(100 * 2 ** tries, 1_000)) * (0.5 + Math.random() / 2));
    }
  }

  async once(options) {
    try {
      const { statusCode, headers, body } = await this.pool.request({ ...options, signal: this.signal });
      return { statusCode, headers, bytes: Buffer.from(await body.arrayBuffer()) };
    } catch {
      this.signal.throwIfAborted();
      // Whoever was asked is gone.
      return null;
    }
  }

  note(answer, what) {
    const status = answer?.statusCode ?? 0;
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
    if (answer && !isSentence(answer.bytes.toString()))
      this.unclear.push(`${what}: ${status} ${answer.bytes.toString()}`);
    if (answer && !LATER.has(status)) this.unclear.push(`${what}: ${status} ${answer.bytes.toString()}`);
  }

  close() {
    return this.pool.destroy();
  }
}

/** Whether a refusal is `{"error": true, "message": "one sentence"}`. */
function isSentence(text) {
  try {
    const { error, message } = JSON.parse(text);
    return error === true && /^[A-Z][^\n]{10,400}\.$/.test(message) && !/ at \/|node_modules|Error:/.test(message);
  } catch {
    return false;
  }
}

function documentFor(upstream) {
  const parameters = [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }];
  const responses = { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'object' } } } } };
  const requestBody = { content: { 'application/json': { schema: { type: 'object' } } } };
  return {
    openapi: '3.0.3',
    info: { title: SERVICE, version: '1' },
    servers: [{ url: upstream }],
    paths: { '/item/{id}': { get: { parameters, responses }, post: { parameters, requestBody, responses } } },
  };
}
