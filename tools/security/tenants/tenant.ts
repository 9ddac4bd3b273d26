import { randomBytes } from 'node:crypto';
import { newTraceId } from '#core';
import { until } from '../../../test/e2e/deployment.js';
import type { Deployment } from '../../../test/e2e/deployment.js';

const DEADLINE_MS = 60_000;
/** Where nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request with the credentials of somebody. */
export type Asker = (ask: Ask) => Promise<Answer>;

/** One tenant, and one thing of each kind that it has. */
export class Tenant {
  /** The name of its Spec. */
  readonly service = `service-${randomBytes(8).toString('hex')}`;
  /** Of its processes. */
  readonly key = `key-${randomBytes(8).toString('hex')}`;
  readonly idempotencyKey = randomBytes(8).toString('hex');
  /** What has a trace id, by what it is. */
  readonly traceIds: { spec: string; ended: string; waiting: string; dead: string; apiKey: string } = {
    ...{ spec: '', ended: '', waiting: '', dead: '', apiKey: '' },
  };
  /** The handle of what it has uploaded. */
  blob = '';
  /** Where the second pages of its lists begin. */
  readonly cursors: Record<'processes' | 'letters', string> = { processes: '', letters: '' };
  private apiKey = '';

  constructor(
    private readonly deployment: Pick<Deployment, 'api' | 'username' | 'password'>,
    readonly project: string,
  ) {}

  /** Asks as a user of the installation who means this project. */
  readonly asUser: Asker = (ask) => {
    const { username, password } = this.deployment;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    return this.send(ask, { authorization, ...(this.project !== 'default' && { 'x-project': this.project }) });
  };

  /** Asks with an API key of this project, of all scopes. */
  readonly asKey: Asker = (ask) => this.send(ask, { authorization: `Bearer ${this.apiKey}` });

  /** Nothing of it may ever be in an answer to somebody else. */
  get marks(): string[] {
    return [...Object.values(this.traceIds), this.service, this.key, this.blob, this.apiKey];
  }

  /** Makes one thing of each kind. */
  async settle(service: string): Promise<void> {
    const headers = { 'x-project': 'default' };
    await until('the database to answer', DEADLINE_MS, async () => {
      return (await this.asUser({ method: 'GET', path: '/v1/api/projects', headers })).status === 200;
    });
    if (this.project !== 'default') {
      await this.made('/v1/api/projects', { name: this.project }, headers);
    }
    this.traceIds.spec = await this.register(this.service, service);
    await this.ended(`/v1/api/spec/${this.traceIds.spec}/status`);
    const scopes = ['read', 'schedule', 'manage', 'admin'];
    const key = JSON.parse(await this.made('/v1/api/keys', { name: 'all', scopes })) as {
      key: string;
      trace_id: string;
    };
    [this.apiKey, this.traceIds.apiKey] = [key.key, key.trace_id];
    this.traceIds.ended = await this.schedule({ endpoint: '/now' }, { 'idempotency-key': this.idempotencyKey });
    this.traceIds.waiting = await this.schedule({ endpoint: '/now', delay: 'P1D' });
    await this.ended(`/v1/api/spec/${await this.register(`${this.service}-dead`, NOBODY)}/status`);
    const dead = { service: `${this.service}-dead`, endpoint: '/now', retry: { attempts: 1 } };
    this.traceIds.dead = await this.schedule(dead);
    for (const id of ['ended', 'dead'] as const) {
      await this.ended(`/v1/api/scheduler/process/${this.traceIds[id]}/status`);
    }
    const bytes = await this.asUser({ method: 'POST', path: '/v1/api/blobs', body: Buffer.from('bytes') });
    this.blob = (JSON.parse(bytes.text) as { blob: string }).blob;
    this.cursors.processes = await this.cursorOf('/v1/api/scheduler/processes?limit=1');
    await this.ended(`/v1/api/scheduler/process/${await this.schedule(dead)}/status`);
    this.cursors.letters = await this.cursorOf('/v1/api/dead-letters?limit=1');
  }

  /** What it sees of its things; it must not change by what others do. */
  async view(): Promise<string> {
    const { spec, apiKey, ...processes } = this.traceIds;
    const paths = [
      `/v1/api/spec/${spec}`,
      '/v1/api/spec/0/100',
      `/v1/api/spec/${spec}/versions`,
      ...Object.values(processes).map((traceId) => `/v1/api/scheduler/process/${traceId}`),
      '/v1/api/scheduler/processes',
      '/v1/api/dead-letters',
      `/v1/api/keys/${apiKey}`,
      `/v1/api/projects/${this.project}`,
    ];
    const answers = await Promise.all(paths.map((path) => this.asUser({ method: 'GET', path })));
    // When a key was used is told a while later.
    return answers.map(({ status, text }) => `${status} ${text.replace(/"last_used_at":[^,}]*/, '')}`).join('\n');
  }

  /** The trace id of a new Spec with two operations of a service. */
  async register(name: string, service: string): Promise<string> {
    const get = { get: { responses: {} } };
    const post = { post: { requestBody: { content: { 'application/octet-stream': {} } }, responses: {} } };
    const document = {
      ...{ openapi: '3.1.0', info: { title: 'T', version: '1' }, servers: [{ url: service }] },
      paths: { '/now': get, '/bytes': post },
    };
    const spec = Buffer.from(JSON.stringify(document)).toString('base64');
    return traceIdIn(await this.made('/v1/api/spec', { name, headers: {}, spec }));
  }

  /** The trace id of a new process of its Spec. */
  async schedule(fields: object, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const body = { service: this.service, method: 'GET', key: this.key, ...fields };
    return traceIdIn(await this.made('/v1/api/scheduler/process', body, headers));
  }

  /** Waits until a status is an end. */
  async ended(path: string): Promise<void> {
    await until(`${path} to end`, DEADLINE_MS, async () => {
      const { text } = await this.asUser({ method: 'GET', path });
      return /"status":"(SUCCESS|ERROR)"/.test(text);
    });
  }

  private async cursorOf(path: string): Promise<string> {
    const { text } = await this.asUser({ method: 'GET', path });
    return (JSON.parse(text) as { next_cursor: string }).next_cursor;
  }

  private async made(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const { status, text } = await this.asUser({ method: 'POST', path, body, headers });
    if (status >= 300) throw new Error(`POST ${path} was answered ${status}: ${text}`);
    return text;
  }

  private async send({ method, path, body, headers }: Ask, own: Readonly<Record<string, string>>): Promise<Answer> {
    const type = Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
    const content = Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body);
    const answer = await fetch(`${this.deployment.api}${path}`, {
      method,
      headers: { ...own, ...(body !== undefined && { 'content-type': type }), ...headers },
      ...(body !== undefined && { body: content }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
}

/** One that nothing has or ever had. */
export function unknownTraceId(): string {
  return newTraceId();
}

function traceIdIn(text: string): string {
  return (JSON.parse(text) as { trace_id: string }).trace_id;
}
