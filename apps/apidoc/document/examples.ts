import { createHash } from 'node:crypto';
import {
  PROCESS_ACCEPTED_MESSAGE,
  PROCESS_MESSAGES,
  PROCESS_STEPS,
  SDK_MESSAGES,
  SPEC_MESSAGES,
  SPEC_STEPS,
} from '#core';
import type { ProcessStatus, SpecStatus } from '#core';
import { FILMOT_CHANNELS, FILMOT_DOCUMENT, FILMOT_HEADERS, FILMOT_URL } from './filmot.js';

export interface OperationExamples {
  /** A request body that works as it is. */
  readonly request?: unknown;
  /** What the good answer may be, each under a name; one alone is "the" example. */
  readonly answers?: Readonly<Record<string, unknown>>;
}

const document = Buffer.from(FILMOT_DOCUMENT).toString('base64');
const specSteps = Object.values(SPEC_STEPS);
const { cancelled, ...stepsOfSuccess } = PROCESS_STEPS;
const processSteps = Object.values(stepsOfSuccess);
const step = { default: null, enum: null, in: 'query', type: 'string' };

const filmot = {
  trace_id: '0iNULRtUjwi8DJoz',
  created_at: '2025-08-26T12:11:49.226Z',
  updated_at: '2025-08-26T14:04:22.302Z',
  name: 'filmot',
  status: specStatus('SUCCESS', 5),
  client: {
    endpoints: {
      'GET /getsearchchannels': [{ ...step, name: 'term', required: true }],
      'GET /getsearchsubtitles': [
        { ...step, name: 'query', required: true },
        { ...step, name: 'channel', required: false },
      ],
    },
    headers: ['x-rapidapi-key', 'x-rapidapi-host'],
    servers: [FILMOT_URL],
    url: FILMOT_URL,
  },
  spec: document,
  headers: FILMOT_HEADERS,
};

const apiKey = {
  ...{ trace_id: 'Kq3xVt9KcD2pLs7B', name: 'nightly reports', prefix: 'cb_Kq3xVt9KcD2pLs7B' },
  ...{ scopes: ['read', 'schedule'], specs: null, project: 'default', created_by: 'user:admin' },
  ...{ created_at: '2025-08-26T12:11:49.226Z', expires_at: '2100-01-01T00:00:00.000Z' },
  last_used_at: '2025-08-27T02:00:03.104Z',
};

const isUp = { state: 'up', since: '2025-08-26T12:11:49.226Z' };
const up = { database: isUp, bus: isUp, cache: isUp, blobs: isUp };

const firstVersion = {
  version: 1,
  status: 'SUCCESS',
  serving: true,
  created_at: '2025-08-26T12:11:49.226Z',
  bytes: Buffer.byteLength(FILMOT_DOCUMENT),
  sha256: createHash('sha256').update(FILMOT_DOCUMENT).digest('hex'),
};
const findings = {
  title: 'Filmot',
  document_version: '1.0.0',
  operations: 2,
  warnings: [
    {
      code: 'ignored',
      pointer: '/webhooks',
      line: 41,
      column: 1,
      message: 'Webhooks are calls that the service makes; they were left out of the client.',
    },
  ],
};

const project = {
  ...{ name: 'team-a', title: 'Team A' },
  ...{ created_at: '2025-07-28T14:17:26.572Z', updated_at: '2025-07-28T14:17:26.572Z' },
};

const sdk = {
  trace_id: '0iNULRtUjwi8DJoz',
  generator: 'go',
  version: 1,
  status: 'SUCCESS',
  message: SDK_MESSAGES.SUCCESS,
  bytes: 52_184,
  created_at: '2025-08-26T14:05:01.117Z',
  updated_at: '2025-08-26T14:05:04.620Z',
};
const { bytes: _, ...waitingSdk } = {
  ...sdk,
  status: 'WAITING',
  message: SDK_MESSAGES.WAITING,
  updated_at: sdk.created_at,
};
const failedSdk = {
  ...waitingSdk,
  status: 'ERROR',
  message: SDK_MESSAGES.ERROR,
  error: 'Expected an SDK that takes at most 300 s to make, got one that takes longer (SDK_TIMEOUT_SECONDS).',
  updated_at: '2025-08-26T14:10:01.120Z',
};

const call = {
  service: 'Filmot',
  endpoint: '/getsearchchannels',
  method: 'GET',
  query_params: { term: 'Science Channel' },
};

const listed = {
  trace_id: 'WE7koqi5NvmmlINj',
  timestamp: '2025-07-28T14:17:28.572Z',
  status: processStatus('SUCCESS', 3),
  service: 'filmot',
  method: 'GET',
  endpoint: '/getsearchchannels',
  headers: null,
  query_params: { term: 'Science Channel' },
  url_params: null,
};

/** Examples by operation. They are kept apart from the controllers, so that nothing of them is loaded where these run. */
export const EXAMPLES: Readonly<Record<string, OperationExamples>> = {
  getHealth: { answers: { ready: { live: true, ready: true, dependencies: up } } },
  getLiveness: { answers: { live: { live: true } } },
  ping: { answers: { pong: { message: 'pong' } } },
  createSpec: {
    request: { name: 'Filmot', headers: FILMOT_HEADERS, spec: document },
    answers: { accepted: { trace_id: 'liTsN5cS3JHrVoYW' } },
  },
  pauseSpec: {
    request: { key: 'tenant-7' },
    answers: { paused: { paused: false, paused_keys: ['tenant-7'] } },
  },
  resumeSpec: {
    request: { key: 'tenant-7' },
    answers: { resumed: { paused: false, paused_keys: [] } },
  },
  getSpecStatus: {
    answers: {
      WAITING: specStatus('WAITING', 1),
      IN_PROGRESS: specStatus('IN_PROGRESS', 2),
      READY_YAML: specStatus('READY_YAML', 3),
      READY_CLIENT: specStatus('READY_CLIENT', 4),
      SUCCESS: specStatus('SUCCESS', 5),
      'a new document is generated while the former serves': {
        ...specStatus('IN_PROGRESS', 2),
        version: 2,
        serving_version: 1,
      },
      ERROR: {
        ...specStatus('ERROR', 2),
        error: 'Expected an OpenAPI document with the field "openapi" or "swagger", got neither at /.',
      },
    },
  },
  getSpec: { answers: { 'with spec=true and client=true': filmot } },
  listSpecs: { answers: { 'with spec=true and client=true': { count: 1, results: [filmot] } } },
  validateSpec: {
    request: { spec: document },
    answers: {
      'it would serve': { valid: true, ...findings },
      'it would end in ERROR': {
        valid: false,
        error: 'Expected an OpenAPI document, which is an object, at /, got a string.',
        title: null,
        document_version: null,
        operations: 0,
        warnings: [],
      },
    },
  },
  getSpecReport: { answers: { report: { trace_id: '0iNULRtUjwi8DJoz', ...firstVersion, ...findings } } },
  listSpecVersions: {
    answers: {
      'a new document that failed': {
        count: 2,
        results: [
          {
            ...{ ...firstVersion, version: 2, status: 'ERROR', serving: false },
            ...{ created_at: '2025-08-26T14:04:22.302Z', error: 'Expected "paths" to be an object, at /paths, got 1.' },
          },
          firstVersion,
        ],
      },
    },
  },
  diffSpecVersions: {
    answers: {
      'one change breaks calls that wait': {
        from: 1,
        to: 2,
        breaking: 1,
        waiting_processes: 5,
        changes: [
          {
            kind: 'parameter_required',
            breaking: true,
            method: 'GET',
            path: '/getsearchchannels',
            pointer: '/parameters/query/lang',
            message: 'GET /getsearchchannels: the query parameter lang is required now.',
            waiting_processes: 3,
          },
        ],
      },
    },
  },
  getSpecVersion: { answers: { 'with spec=true': { ...firstVersion, spec: document } } },
  findOperations: {
    answers: {
      'with search=channels': {
        count: 1,
        results: [
          {
            method: 'GET',
            path: '/getsearchchannels',
            operation_id: 'getsearchchannels',
            parameters: [
              {
                ...{ name: 'term', in: 'query', required: true, type: 'string' },
                ...{ enum: null, default: null, example: 'Science Channel' },
              },
            ],
            security: [],
            drift: { count: 3, last_at: '2025-08-26T14:10:00.000Z' },
          },
        ],
      },
    },
  },
  downloadClient: {},
  listSdks: { answers: { sdks: { generators: ['go', 'java', 'python', 'typescript-fetch'], results: [sdk] } } },
  createSdk: { answers: { accepted: waitingSdk } },
  downloadSdk: { answers: { waiting: waitingSdk, failed: failedSdk } },
  createProject: {
    request: { name: 'team-a', title: 'Team A' },
    answers: { created: project },
  },
  listProjects: { answers: { projects: { count: 2, results: [{ name: 'default', title: null }, project] } } },
  getProject: { answers: { project } },
  changeProject: { request: { title: 'Team A' } },
  removeProject: {},
  listAuditRecords: {
    answers: {
      'a change and a refusal': {
        count: 2,
        results: [
          {
            ...{ trace_id: 'Zr5TyLbu8sKp2Wd0', timestamp: '2025-08-26T14:04:22.301Z', who: 'user:admin' },
            ...{ action: 'spec.change', target: '0iNULRtUjwi8DJoz', from: '192.0.2.7', agent: 'curl/8.5.0' },
            ...{ outcome: 'done', ended_at: '2025-08-26T14:04:22.309Z', count: 1 },
            before: { name: 'filmot', headers: ['x-rapidapi-host', 'x-rapidapi-key'] },
            after: { name: 'filmot-2', headers: { 'x-rapidapi-key': 'changed' } },
          },
          {
            ...{ trace_id: 'pLs7BQm3xVt9KcD2', timestamp: '2025-08-26T14:03:00.000Z', who: 'nobody' },
            ...{ action: 'login', target: null, from: '198.51.100.23', agent: 'python-requests/2.32' },
            ...{ outcome: 'refused', ended_at: '2025-08-26T14:03:00.000Z', count: 9_120 },
          },
        ],
        next_cursor: null,
      },
    },
  },
  createApiKey: {
    request: { name: 'nightly reports', scopes: ['read', 'schedule'], expires_at: '2100-01-01T00:00:00Z' },
    answers: { 'with the key': { ...apiKey, last_used_at: null, key: `${apiKey.prefix}_${'0'.repeat(56)}` } },
  },
  listApiKeys: { answers: { one: { count: 1, results: [apiKey] } } },
  getApiKey: { answers: { key: apiKey } },
  revokeApiKey: {},
  uploadBlob: { answers: { stored: { blob: 'uploads/0iNULRtUjwi8DJozliTsN5cS3JHrVoYW', bytes: 1024 } } },
  changeSpec: { request: { headers: FILMOT_HEADERS } },
  removeSpec: {},
  createSchedulerProcess: {
    request: call,
    answers: { accepted: { trace_id: 'WE7koqi5NvmmlINj', status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE } },
  },
  getSchedulerProcessStatus: {
    answers: {
      WAITING: processStatus('WAITING', 1),
      IN_PROGRESS: processStatus('IN_PROGRESS', 2),
      SUCCESS: processStatus('SUCCESS', 3),
      ERROR: {
        ...processStatus('ERROR', 2),
        error: 'The command could not be executed because the service requested (filmot) is not available.',
      },
      CANCELLED: { ...processStatus('CANCELLED', 1), step: [PROCESS_STEPS.received, cancelled] },
    },
  },
  streamSchedulerProcessEvents: {},
  cancelSchedulerProcess: {},
  replaySchedulerProcess: {
    answers: { accepted: { trace_id: 'Qm3xVt9KcD2pLs7B', status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE } },
  },
  listDeadLetters: {
    answers: {
      'one of each kind': {
        count: 2,
        results: [
          {
            ...{ trace_id: 'WE7koqi5NvmmlINj', kind: 'process', timestamp: '2025-07-28T14:20:01.113Z' },
            reason: 'Error executing API call: API call failed: 503 Service Unavailable',
            ...{ service: 'filmot', spec_trace_id: '0iNULRtUjwi8DJoz', attempts: 3 },
          },
          {
            ...{ trace_id: 'u8sKp2Wd0ZrT5yLb', kind: 'message', timestamp: '2025-07-28T14:17:28.572Z' },
            reason: 'Expected a message in JSON, got a string of 11 characters.',
            ...{ type: 'SPEC', payload: 'never {json', bytes: 11 },
          },
        ],
        next_cursor: null,
      },
    },
  },
  replayDeadLetters: {
    request: { kind: 'process', service: 'filmot', from: '2025-07-28T00:00:00Z', dry_run: true },
    answers: { 'a dry run': { matched: 17, replayed: 0, failed: 0, next_cursor: null } },
  },
  purgeDeadLetters: {
    request: { kind: 'message', to: '2025-07-28T00:00:00Z' },
    answers: {
      'more than one request takes': { matched: 1_000, purged: 1_000, next_cursor: 'WzE3NTM3MTIyNDg1NzIsIlciXQ' },
    },
  },
  createSchedulerProcesses: {
    request: { processes: [call, { ...call, query_params: {} }] },
    answers: {
      'with Prefer: handling=strict': {
        count: 1,
        results: [
          { trace_id: 'WE7koqi5NvmmlINj', status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE },
          {
            error: true,
            message: 'Expected /query_params/term to be a string, got nothing.',
            faults: [
              {
                pointer: '/query_params/term',
                expected: 'a string',
                got: 'nothing',
                message: 'Expected /query_params/term to be a string, got nothing.',
              },
            ],
          },
        ],
      },
    },
  },
  listSchedulerProcesses: {
    answers: {
      'with status=SUCCESS&limit=1': { count: 1, results: [listed], next_cursor: 'WzE3NTM3MTIyNDg1NzIsMV0' },
    },
  },
  getSchedulerProcess: {
    answers: {
      done: {
        trace_id: 'WE7koqi5NvmmlINj',
        timestamp: '2025-07-28T14:17:28.572Z',
        status: processStatus('SUCCESS', 3),
        service: 'filmot',
        method: 'GET',
        endpoint: '/getsearchchannels',
        headers: null,
        query_params: { term: 'Science Channel' },
        url_params: null,
        req_body: null,
      },
      'done, with an answer that differs from the document': {
        trace_id: 'WE7koqi5NvmmlINj',
        timestamp: '2025-07-28T14:17:28.572Z',
        status: processStatus('SUCCESS', 3),
        service: 'filmot',
        method: 'GET',
        endpoint: '/getsearchchannels',
        headers: null,
        query_params: { term: 'Science Channel' },
        url_params: null,
        req_body: null,
        spec_version: 2,
        drift: [{ place: 'body', pointer: '/0/subscribers', expected: 'an integer', got: 'a string of 4 characters' }],
      },
    },
  },
  listAttempts: {
    answers: {
      'the second call went well': {
        count: 2,
        results: [
          {
            attempt: 1,
            started_at: '2025-07-28T14:17:28.601Z',
            ended_at: '2025-07-28T14:17:28.640Z',
            worker: 'callboard-1 17 0iNULRtUjwi8DJoz',
            error: 'Error executing API call: API call failed: 503 Service Unavailable',
            status: 503,
            headers: [['Retry-After', '1']],
            bytes: 0,
          },
          {
            attempt: 2,
            started_at: '2025-07-28T14:17:29.645Z',
            ended_at: '2025-07-28T14:17:29.702Z',
            worker: 'callboard-1 17 0iNULRtUjwi8DJoz',
            status: 200,
            headers: [['Content-Type', 'application/json']],
            bytes: 154,
          },
        ],
      },
    },
  },
  getSchedulerProcessResponse: {
    answers: {
      "the service's answer": FILMOT_CHANNELS,
      'not yet': processStatus('IN_PROGRESS', 2),
      'the call could not be made': {
        error: true,
        message: 'Error executing API call: API call failed: term is required and must be specified',
      },
    },
  },
};

function specStatus(status: SpecStatus, steps: number) {
  return { status, message: SPEC_MESSAGES[status], step: specSteps.slice(0, steps) };
}

function processStatus(status: ProcessStatus, steps: number) {
  return { status, message: PROCESS_MESSAGES[status], step: processSteps.slice(0, steps) };
}
