import type { Client, SchedulerProcess, Spec, StoredResponse } from '#core';
import { DEFAULT_PROJECT, inlinePayload, newTraceId } from '#core';
import { Encryption, KeyRing } from '#encryption';

/** The time at which the samples come into being. */
export const SAMPLE_TIME = Date.parse('2026-01-01T00:00:00.000Z');

/** With a key of its own. */
export function sampleEncryption(keys: string = KeyRing.newKey()): Encryption {
  const ring = KeyRing.parse(keys);
  if (!ring) throw new Error('Expected keys as they are configured.');
  return new Encryption(ring);
}

/** A process that was just accepted and is due at once. */
export function sampleProcess(change: Partial<SchedulerProcess> = {}): SchedulerProcess {
  return {
    traceId: newTraceId(),
    project: DEFAULT_PROJECT,
    kind: 'call',
    specTraceId: 'SpecSpecSpecSpec',
    service: 'filmot',
    method: 'GET',
    endpoint: '/getsearchchannels',
    headers: null,
    queryParams: { term: 'Science Channel' },
    urlParams: null,
    reqBody: null,
    status: 'WAITING',
    steps: ['Received in the API'],
    createdAt: SAMPLE_TIME,
    updatedAt: SAMPLE_TIME,
    dueAt: SAMPLE_TIME,
    attempt: 0,
    ...change,
  };
}

/** An answer of 200 with a small JSON body. */
export function sampleResponse(change: Partial<StoredResponse> = {}): StoredResponse {
  return {
    status: 200,
    headers: [['content-type', 'application/json']],
    body: inlinePayload('{"ok":true}'),
    cache: 'MISS',
    ...change,
  };
}

/** A Spec that was just accepted, under a name of its own. */
export function sampleSpec(change: Partial<Spec> = {}): Spec {
  const traceId = newTraceId();
  return {
    traceId,
    project: DEFAULT_PROJECT,
    name: `service-${traceId.toLowerCase()}`,
    headers: {},
    document: inlinePayload('openapi: 3.1.0'),
    documentHash: '0'.repeat(64),
    version: 1,
    servingVersion: null,
    revision: 1,
    status: 'WAITING',
    steps: ['Received in the API'],
    createdAt: SAMPLE_TIME,
    updatedAt: SAMPLE_TIME,
    attempt: 0,
    ...change,
  };
}

/** A Client with small parts. */
export function sampleClient(change: Partial<Client> = {}): Client {
  return {
    specTraceId: newTraceId(),
    project: DEFAULT_PROJECT,
    version: 1,
    yaml: inlinePayload('openapi: 3.1.0'),
    table: inlinePayload('{"format":1}'),
    types: inlinePayload('export type Nothing = never;'),
    summary: inlinePayload('{"endpoints":{}}'),
    schemas: inlinePayload('{"format":1}'),
    createdAt: SAMPLE_TIME,
    ...change,
  };
}

/** Headers whose names and values are special to some database, language or encoding. */
export const ODD_HEADERS: Readonly<Record<string, string>> = Object.fromEntries([
  ['a.b', 'a dot'],
  ['$x', 'a dollar'],
  ['$set', '{"$gt": ""}'],
  ['a.$.b', 'both'],
  ['__proto__', 'the prototype'],
  ['constructor', 'an inherited name'],
  ['', 'no name'],
  [' ', 'a space'],
  ['_id', 'a key'],
  ['naïve-✓-😀', 'ünïcode ✓ 😀'],
  ['null', ''],
  ['0', 'a number'],
  ['nul', 'before\0after'],
  ['lone', 'a lone \ud800 surrogate'],
]);

/** Texts that some database cuts, changes or refuses. */
export const UNSTORABLE_TEXTS = ['nul\0one', '\0', 'half \ud800'] as const;
