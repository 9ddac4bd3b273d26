import request from 'supertest';
import type { Response, Test } from 'supertest';
import { until } from './deployment.js';
import type { Deployment } from './deployment.js';

const DEADLINE_MS = 20_000;

/** What a status endpoint answers. */
export interface StatusBody {
  readonly status: string;
  readonly message: string;
  readonly error?: string;
  readonly step: string[];
}

/** A user of the REST API, as tests play one. */
export class CallboardClient {
  private readonly agent;

  constructor(private readonly deployment: Pick<Deployment, 'api' | 'username' | 'password'>) {
    this.agent = request(deployment.api);
  }

  get(path: string): Test {
    return this.authorised(this.agent.get(path));
  }

  post(path: string, body: unknown): Test {
    return this.authorised(this.agent.post(path)).send(body as object);
  }

  put(path: string, body: unknown): Test {
    return this.authorised(this.agent.put(path)).send(body as object);
  }

  delete(path: string): Test {
    return this.authorised(this.agent.delete(path));
  }

  /** Registers a document and returns its trace id. */
  async register(name: string, document: string, fields: object = {}): Promise<string> {
    const spec = Buffer.from(document).toString('base64');
    const response = await this.post('/v1/api/spec', { name, headers: {}, spec, ...fields });
    if (response.status !== 200)
      throw new Error(`Registering ${name} was answered ${response.status}: ${response.text}`);
    return (response.body as { trace_id: string }).trace_id;
  }

  /** Schedules a call and returns its trace id. */
  async schedule(service: string, method: string, endpoint: string, fields: object = {}): Promise<string> {
    const response = await this.post('/v1/api/scheduler/process', { service, method, endpoint, ...fields });
    if (response.status !== 200) throw new Error(`Scheduling was answered ${response.status}: ${response.text}`);
    return (response.body as { trace_id: string }).trace_id;
  }

  /** The status of a Spec once it is one of these. */
  specEnded(traceId: string, statuses = ['SUCCESS', 'ERROR']): Promise<StatusBody> {
    return this.ended(`/v1/api/spec/${traceId}/status`, statuses);
  }

  /** The status of a process once it is one of these. */
  processEnded(traceId: string, statuses = ['SUCCESS', 'ERROR']): Promise<StatusBody> {
    return this.ended(`/v1/api/scheduler/process/${traceId}/status`, statuses);
  }

  /** The answer of `…/response` with its bytes untouched. */
  async response(traceId: string): Promise<Response & { body: Buffer }> {
    return this.download(`/v1/api/scheduler/process/${traceId}/response`);
  }

  /** The answer of any path with its bytes untouched. */
  async download(path: string): Promise<Response & { body: Buffer }> {
    return await this.get(path)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer | string) => chunks.push(Buffer.from(chunk)));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      });
  }

  private async ended(path: string, statuses: string[]): Promise<StatusBody> {
    let body: StatusBody | undefined;
    await until(`${path} to become ${statuses.join(' or ')}`, DEADLINE_MS, async () => {
      body = (await this.get(path)).body as StatusBody;
      return statuses.includes(body.status);
    }).catch((error: unknown) => {
      throw new Error(`${String(error)} It was ${JSON.stringify(body)}.`);
    });
    if (!body) throw new Error(`Expected ${path} to be asked for.`);
    return body;
  }

  private authorised(test: Test): Test {
    const { username, password } = this.deployment;
    return test.set('Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  }
}
