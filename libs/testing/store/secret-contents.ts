import { expect } from '@jest/globals';
import { DEFAULT_PROJECT, inlinePayload, newTraceId } from '#core';
import type {
  CallRecord,
  DeadLetterStore,
  DeadMessage,
  KeyStore,
  LogStore,
  ProcessStore,
  SpecStore,
  StoredResponse,
} from '#core';
import { logBatch } from './log-batch.js';
import { SAMPLE_TIME, sampleClient, sampleProcess, sampleResponse, sampleSpec } from './samples.js';

/** The stores that encrypt. */
export interface SecretStores {
  readonly processes: ProcessStore;
  readonly specs: SpecStore;
  readonly deadLetters: DeadLetterStore;
  readonly logs: LogStore;
  readonly keys: KeyStore;
}

/** What every secret begins with. */
export const SECRET = 's3cret';

const lease = { owner: 'worker', until: SAMPLE_TIME + 60_000 };
const secret = (name: string) => `${SECRET}-${name}`;

/** Something confidential in every place that takes it, and how it is found there again. */
export class SecretContents {
  readonly process = sampleProcess({
    headers: { 'x-one': secret('header') },
    queryParams: { q: secret('query') },
    urlParams: { id: secret('url') },
    cookieParams: { c: secret('cookie') },
    credentials: { bearer: { kind: 'token', token: secret('credential') } } as never,
    reqBody: inlinePayload(secret('body')),
  });
  readonly response: StoredResponse = sampleResponse({
    headers: [['set-cookie', secret('answer')]],
    body: inlinePayload(secret('response')),
  });
  readonly call: CallRecord = {
    ...{ number: 1, startedAt: 1, endedAt: 2, worker: 'w' },
    response: { status: 200, headers: [['set-cookie', secret('answer')]], bytes: 3 },
  };
  readonly faults = [{ place: 'body', pointer: `/${secret('name')}`, expected: 'a', got: 'b' }] as const;
  readonly spec = sampleSpec({
    name: `spec-${newTraceId()}`,
    headers: { authorization: secret('spec') },
    url: `https://user:${secret('userinfo')}@service`,
    serverVariables: { tenant: secret('variable') },
    credentials: { key: { kind: 'apiKey', value: secret('api key') } } as never,
    document: inlinePayload(secret('document')),
  });
  readonly report = inlinePayload(secret('report'));
  readonly client = sampleClient({ specTraceId: this.spec.traceId, types: inlinePayload(secret('types')) });
  readonly letter: DeadMessage = {
    ...{ kind: 'message', traceId: newTraceId(), project: DEFAULT_PROJECT, type: null, reason: 'plain', at: 1 },
    ...{ bytes: 3, excerpt: secret('excerpt') },
  };
  readonly record = { message: 'm', req_body: secret('req_body'), other_data: { q: secret('other') }, status: 200 };
  private sharedKey = '';

  async store({ processes, specs, deadLetters, logs, keys }: SecretStores): Promise<void> {
    const { process, response, call, faults, spec, report, client, letter, record } = this;
    await processes.insert(process);
    const claimed = await processes.claim(process.traceId, lease, [], SAMPLE_TIME);
    expect(claimed).toMatchObject({ headers: process.headers, reqBody: process.reqBody });
    const drift = { specTraceId: spec.traceId, method: 'GET', path: '/', faults };
    await processes.complete(claimed!, { status: 'SUCCESS', response, calls: [call], drift }, [], SAMPLE_TIME);
    await specs.insert(spec);
    const held = await specs.claim(spec.traceId, 'generate', lease, [], SAMPLE_TIME);
    const progress = { status: 'ERROR', steps: [], error: 'plain', release: true } as const;
    await specs.advance(held!, { ...progress, report }, SAMPLE_TIME);
    await specs.saveClient(client);
    await deadLetters.append(letter, secret('payload'));
    await logs.append(logBatch(record));
    this.sharedKey = (await keys.key('cache')).toString('hex');
  }

  async expectIn({ processes, specs, deadLetters, logs, keys }: SecretStores): Promise<void> {
    const { process, response, call, faults, spec, report, client, letter, record } = this;
    const { traceId } = spec;
    expect(await processes.findResponse(DEFAULT_PROJECT, process.traceId)).toEqual(response);
    const { headers, queryParams, urlParams, cookieParams, credentials, reqBody } = process;
    expect(await processes.find(null, process.traceId)).toMatchObject({
      ...{ headers, queryParams, urlParams, cookieParams, credentials, reqBody, calls: [call] },
      drift: faults,
    });
    const { url, serverVariables, document } = spec;
    expect(await specs.find(null, traceId)).toMatchObject({
      ...{ headers: spec.headers, credentials: spec.credentials, url, serverVariables, document },
    });
    const [version] = await specs.versions(DEFAULT_PROJECT, traceId, { limit: 1 });
    expect(version).toMatchObject({ document, report });
    expect(await specs.findClient(traceId)).toEqual(client);
    expect(await deadLetters.payload(DEFAULT_PROJECT, letter.traceId)).toBe(secret('payload'));
    const page = await deadLetters.list(DEFAULT_PROJECT, { limit: 1 });
    expect(page.letters[0]).toEqual(letter);
    expect(await logs.latest(1)).toEqual([record]);
    expect((await keys.key('cache')).toString('hex')).toBe(this.sharedKey);
  }
}
