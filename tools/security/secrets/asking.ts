import type { Deployment } from '../../../test/e2e/deployment.js';
import { until } from '../../../test/e2e/deployment.js';
import type { Kind } from './marks.js';

const DEADLINE_MS = 60_000;
/** Only these need a program that is not part of Callboard, and only these may therefore never come to anything. */
const OF_A_GENERATOR = ['createSdk', 'downloadSdk'];

/** An answer, its head included, and the kinds of secrets that may stand in it. */
export interface Answer {
  readonly what: string;
  readonly bytes: Buffer;
  readonly shows: readonly Kind[];
}

export interface Ask {
  /** Values of the path's parameters. */
  readonly path?: Readonly<Record<string, string | number>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** JSON, unless it is bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What may be shown in the answer; else nothing. */
  readonly shows?: readonly Kind[] | undefined;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Somebody who asks operations by the names that they have in the API's own document, and keeps every answer. */
export class Asking {
  readonly answers: Answer[] = [];
  private readonly done = new Set<string>();

  private constructor(
    private readonly api: string,
    private readonly routes: ReadonlyMap<string, Route>,
    private readonly authorization: string,
  ) {}

  /** Reads the document that the installation serves itself. */
  static async of({ api, apidoc, username, password }: Deployment): Promise<Asking> {
    const response = await fetch(`${apidoc}/v1/apidoc/swagger/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, Record<string, { operationId: string }>> };
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]): [string, Route] => {
        return [operationId, { method: method.toUpperCase(), path }];
      }),
    );
    return new Asking(api, new Map(routes), basic(username, password));
  }

  /** The operations of the document that nobody was given what he asked for by. */
  missing(hasGenerator: boolean): string[] {
    const excused = hasGenerator ? [] : OF_A_GENERATOR;
    return [...this.routes.keys()].filter((id) => !this.done.has(id) && !excused.includes(id));
  }

  /** Asks an operation. */
  async ask(operationId: string, ask: Ask = {}): Promise<Answered> {
    const route = this.routes.get(operationId);
    if (!route) throw new Error(`Expected an operation of the API's own document, got ${operationId}.`);
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ask.path?.[name] ?? ''));
    const answered = await this.send(`${route.method} ${operationId}`, route.method, `${this.api}${path}`, ask);
    if (answered.status < 300) this.done.add(operationId);
    return answered;
  }

  /** The same, which must be answered well. */
  async made(operationId: string, ask: Ask = {}): Promise<Answered> {
    const answered = await this.ask(operationId, ask);
    if (answered.status >= 300) throw new Error(`${operationId} was answered ${answered.status}: ${answered.text}`);
    return answered;
  }

  /** The same, which must be refused. @param status one of those that it may have */
  async refused(status: number | readonly number[], operationId: string, ask: Ask): Promise<void> {
    requireStatus(operationId, await this.ask(operationId, ask), [status].flat());
  }

  /** The trace id of what an operation makes. */
  async makes(operationId: string, ask: Ask): Promise<string> {
    return String((await this.made(operationId, ask)).body.trace_id);
  }

  /** Waits until a Spec or a process has ended; each of the statuses on the way is kept. */
  async ended(operationId: 'getSpecStatus' | 'getSchedulerProcessStatus', traceId: string): Promise<Answered> {
    let answered: Answered | undefined;
    await until(`${operationId} of ${traceId} to be an end`, DEADLINE_MS, async () => {
      answered = await this.ask(operationId, { path: { trace_id: traceId } });
      return ['SUCCESS', 'ERROR', 'CANCELLED'].includes(String(answered.body.status));
    });
    if (!answered) throw new Error('Expected an answer, got none.');
    return answered;
  }

  /** Any request to any address. */
  async send(what: string, method: string, address: string, ask: Ask = {}): Promise<Answered> {
    const { body, query, headers, shows = [] } = ask;
    const isJson = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
    const type = Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
    const content = isJson ? JSON.stringify(body) : body;
    const response = await fetch(query ? `${address}?${new URLSearchParams(query).toString()}` : address, {
      method,
      redirect: 'manual',
      headers: { authorization: this.authorization, ...(body !== undefined && { 'content-type': type }), ...headers },
      ...(content !== undefined && { body: content }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    this.answers.push({
      what: `${what} (${response.status})`,
      bytes: Buffer.concat([Buffer.from(head), bytes]),
      shows,
    });
    return { status: response.status, text: bytes.toString(), body: jsonOf(bytes) };
  }
}

/** @throws Error for an answer with another status than one of these. */
export function requireStatus(what: string, { status, text }: Answered, wanted: readonly number[]): void {
  if (wanted.includes(status)) return;
  throw new Error(`Expected ${what} to be answered ${wanted.join(' or ')}, got ${status}: ${text}`);
}

/** What proves somebody's identity by a name and a password. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function jsonOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
