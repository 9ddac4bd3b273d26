type TraceIdVariable = 'specTraceId' | 'processTraceId' | 'replayTraceId' | 'keyTraceId';

/** One request of the run. */
export interface Step {
  /** The operation that it calls. */
  readonly operation: string;
  /** In place of the operation's summary. */
  readonly name?: string;
  /** The status code that it must be answered with; the operation's good one unless set. */
  readonly expect?: number;
  /** Further status codes that are fine, on installations that lack something; their bodies are not looked at. */
  readonly orElse?: readonly number[];
  /** The variable that gives the path's trace id. */
  readonly traceId?: TraceIdVariable;
  /** The variable that keeps the `trace_id` of the answer. */
  readonly keep?: TraceIdVariable;
  /** Fields that go over those of the body's example. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Headers beside that of the body's type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Values of query parameters; the others are there, but switched off. */
  readonly query?: Readonly<Record<string, string>>;
  /** Asks again until the status is final, which must be SUCCESS. */
  readonly poll?: boolean;
  /** Lines of test script beside the common ones. */
  readonly tests?: readonly string[];
}

const spec = { traceId: 'specTraceId' } as const;
const process = { traceId: 'processTraceId' } as const;
/** New for each run. */
const once = { 'Idempotency-Key': '"{{specTraceId}}"' };
const both = { spec: 'true', client: 'true' };

/** Every operation in an order that runs: what a later request needs, an earlier one leaves behind. */
export const STEPS: readonly Step[] = [
  { operation: 'ping' },
  { operation: 'getLiveness' },
  { operation: 'getHealth' },
  {
    operation: 'createSpec',
    keep: 'specTraceId',
    body: { name: '{{specName}}', url: '{{serviceUrl}}' },
  },
  { operation: 'getSpecStatus', ...spec, poll: true },
  {
    operation: 'getSpec',
    ...spec,
    query: both,
    tests: [
      "pm.test('is called in lower case', () => pm.expect(answer.name).to.eql(pm.variables.get('specName').toLowerCase()));",
      "pm.test('lists its operations', () => pm.expect(answer.client.endpoints).to.include.key('GET /getsearchchannels'));",
    ],
  },
  { operation: 'pauseSpec', ...spec },
  { operation: 'resumeSpec', ...spec },
  { operation: 'getSpecReport', ...spec },
  { operation: 'listSpecVersions', ...spec },
  { operation: 'diffSpecVersions', ...spec },
  { operation: 'getSpecVersion', ...spec },
  { operation: 'findOperations', ...spec, query: { search: 'channels' } },
  { operation: 'downloadClient', ...spec },
  { operation: 'listSdks', ...spec },
  { operation: 'createSdk', ...spec, orElse: [501] },
  { operation: 'downloadSdk', ...spec, orElse: [404] },
  { operation: 'validateSpec' },
  {
    operation: 'listSpecs',
    tests: [
      "pm.test('starts with the newest', () => pm.expect(answer.results[0].trace_id).to.eql(pm.variables.get('specTraceId')));",
      "pm.test('tells the total', () => pm.expect(Number(pm.response.headers.get('X-Total-Count'))).to.be.at.least(answer.count));",
    ],
  },
  { operation: 'uploadBlob' },
  { operation: 'createSchedulerProcess', keep: 'processTraceId', body: { service: '{{specName}}' }, headers: once },
  {
    operation: 'createSchedulerProcess',
    name: 'Send the same Scheduler Process again',
    body: { service: '{{specName}}' },
    headers: once,
    tests: [
      "pm.test('is the first answer', () => pm.expect(answer.trace_id).to.eql(pm.variables.get('processTraceId')));",
      "pm.test('says so', () => pm.response.to.have.header('Idempotency-Replayed', 'true'));",
    ],
  },
  { operation: 'getSchedulerProcessStatus', ...process, poll: true },
  {
    operation: 'streamSchedulerProcessEvents',
    ...process,
    tests: ["pm.test('ends with the last event', () => pm.expect(pm.response.text()).to.include('.SUCCESS'));"],
  },
  { operation: 'getSchedulerProcess', ...process },
  {
    operation: 'createSchedulerProcesses',
    body: {
      processes: [{ service: '{{specName}}', method: 'GET', endpoint: '/getsearchchannels', delay: 'P1D' }, {}],
    },
    tests: ["pm.test('refuses what is no call', () => pm.expect(answer.results[1].error).to.eql(true));"],
  },
  {
    operation: 'listSchedulerProcesses',
    query: { status: 'SUCCESS', limit: '1' },
    tests: ["pm.test('holds what was asked for', () => pm.expect(answer.results[0].status.status).to.eql('SUCCESS'));"],
  },
  { operation: 'listAttempts', ...process },
  {
    operation: 'getSchedulerProcessResponse',
    ...process,
    tests: [
      "pm.test('is the answer of the service', () => pm.response.to.have.header('X-Upstream-Status', '200'));",
      "pm.test('says whether it came from the cache', () => pm.expect(pm.response.headers.get('X-Cache')).to.be.oneOf(['HIT', 'MISS']));",
      `pm.test('is kept from running in a browser', () => pm.response.to.have.header('Content-Security-Policy', "sandbox; default-src 'none'; frame-ancestors 'none'"));`,
    ],
  },
  { operation: 'replaySchedulerProcess', keep: 'replayTraceId', ...process },
  { operation: 'cancelSchedulerProcess', traceId: 'replayTraceId', orElse: [409] },
  { operation: 'listDeadLetters', query: { kind: 'process', limit: '1' } },
  { operation: 'replayDeadLetters', body: { kind: 'process', dry_run: true } },
  { operation: 'purgeDeadLetters', body: { kind: 'message', dry_run: true } },
  // A second run finds that the name was used.
  { operation: 'createProject', orElse: [409] },
  { operation: 'listProjects' },
  { operation: 'getProject', orElse: [404] },
  { operation: 'changeProject', orElse: [404] },
  { operation: 'removeProject', orElse: [404] },
  {
    operation: 'createApiKey',
    keep: 'keyTraceId',
    tests: [
      "pm.test('tells the whole key', () => pm.expect(answer.key).to.match(/^cb_[A-Za-z0-9]{16}_[0-9a-f]{56}$/));",
    ],
  },
  {
    operation: 'listApiKeys',
    tests: ["pm.test('tells no key', () => pm.expect(answer.results[0]).not.to.include.key('key'));"],
  },
  { operation: 'getApiKey', traceId: 'keyTraceId' },
  { operation: 'revokeApiKey', traceId: 'keyTraceId' },
  {
    operation: 'listAuditRecords',
    query: { action: 'key.revoke', limit: '1' },
    tests: ["pm.test('tells who revoked the key', () => pm.expect(answer.results[0].who).to.match(/^user:/));"],
  },
  { operation: 'changeSpec', ...spec },
  { operation: 'removeSpec', ...spec },
  { operation: 'getSpec', name: 'Get a Spec that was removed', expect: 404, ...spec },
];
