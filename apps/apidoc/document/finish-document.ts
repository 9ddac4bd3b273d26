import { isDeepStrictEqual } from 'node:util';
import { EXAMPLES } from './examples.js';
import type { OperationExamples } from './examples.js';

/** What this needs to know of a document as Nest writes it: without references but to schemas. */
export interface Draft {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { headers?: Record<string, unknown> };
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  security?: unknown[];
  readonly 'x-scope'?: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly description: string;
  headers?: Record<string, unknown>;
  links?: Record<string, unknown>;
  content?: Content;
}

type Content = Record<string, { schema?: unknown; example?: unknown; examples?: Record<string, { value: unknown }> }>;

/** Which operations take the trace id that another one gives. */
const FOLLOWED_BY: Readonly<Record<string, readonly string[]>> = {
  createSpec: [
    'getSpecStatus',
    'getSpec',
    'getSpecReport',
    'listSpecVersions',
    'diffSpecVersions',
    'findOperations',
    'downloadClient',
    'listSdks',
    'createSdk',
    'downloadSdk',
    'changeSpec',
    'removeSpec',
  ],
  createSchedulerProcess: [
    'getSchedulerProcessStatus',
    'getSchedulerProcess',
    'listAttempts',
    'getSchedulerProcessResponse',
  ],
  createApiKey: ['getApiKey', 'revokeApiKey'],
};

/** Which operations answer with bytes beside their JSON, and of which media type. */
const ALSO_BYTES: Readonly<Record<string, string>> = {
  getSchedulerProcessResponse: '*/*',
  createSchedulerProcess: '*/*',
  downloadSdk: 'application/zip',
};

/**
 * The document with what the controllers do not say: examples, which operation follows which,
 * and that a service answers with bytes of any type. Headers become components, which answers refer to.
 * @throws Error when an operation has no examples, or examples have no operation.
 */
export function finishDocument<Document>(draft: Document & Draft): Document {
  // Nest uses one object in several places; what is added to one must not be in the others.
  const document = JSON.parse(JSON.stringify(draft)) as Document & Draft;
  const unused = new Set(Object.keys(EXAMPLES));
  for (const operation of operationsOf(document)) {
    const { operationId = '', requestBody, responses } = operation;
    const examples = EXAMPLES[operationId];
    if (!examples) throw new Error(`Expected examples of the operation ${operationId}, got none.`);
    unused.delete(operationId);
    const [, good] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
    addExamples(examples, requestBody?.content, good?.content);
    addLinks(FOLLOWED_BY[operationId], good);
    const bytes = ALSO_BYTES[operationId];
    if (bytes !== undefined) allowBytes(bytes, good);
    for (const answer of Object.values(responses)) shareHeaders(answer, document);
    // Said outright, lest readers wonder whether it was forgotten.
    operation.security ??= [];
  }
  if (unused.size > 0) throw new Error(`Expected an operation for the examples of ${[...unused].join(', ')}.`);
  return document;
}

/** Every operation, in the order of the document. */
export function operationsOf(document: Draft): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}

function addExamples({ request, answers = {} }: OperationExamples, asked?: Content, answered?: Content): void {
  const body = asked?.['application/json'];
  if (body && request !== undefined) body.example = request;
  const good = answered?.['application/json'];
  if (!good) return;
  const named = Object.entries(answers).map(([name, value]) => [name, { value }] as const);
  if (named.length === 1) good.example = named[0]?.[1].value;
  else good.examples = Object.fromEntries(named);
}

function addLinks(followers: readonly string[] = [], answer?: Answer): void {
  if (!answer || followers.length === 0) return;
  const parameters = { trace_id: '$response.body#/trace_id' };
  answer.links = Object.fromEntries(followers.map((operationId) => [operationId, { operationId, parameters }]));
}

function allowBytes(mediaType: string, answer?: Answer): void {
  if (answer) answer.content = { ...answer.content, [mediaType]: { schema: { type: 'string', format: 'binary' } } };
}

function shareHeaders(answer: Answer, { components = {} }: Draft): void {
  components.headers ??= {};
  for (const [name, header] of Object.entries(answer.headers ?? {})) {
    components.headers[name] ??= header;
    if (!isDeepStrictEqual(components.headers[name], header))
      throw new Error(`Expected one meaning of ${name}, got two.`);
    answer.headers = { ...answer.headers, [name]: { $ref: `#/components/headers/${name}` } };
  }
}
