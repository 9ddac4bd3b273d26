import { STATUS_CODES } from 'node:http';
import type { OpenAPIV3 } from 'openapi-types';
import { jsonSchemaOf } from './json-schema.js';
import { STEPS } from './steps.js';
import type { Step } from './steps.js';

const JSON_TYPE = 'application/json';

/** The variables of the collection: what a run is told (`newman run … --env-var`), and what its requests tell each other. */
const VARIABLES = {
  baseUrl: 'http://localhost:8080',
  username: 'admin',
  password: 'admin123',
  specName: 'Filmot',
  serviceUrl: 'https://filmot-tube-metadata-archive.p.rapidapi.com',
  specTraceId: '',
  processTraceId: '',
  replayTraceId: '',
  keyTraceId: '',
};

interface Found {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenAPIV3.OperationObject;
}

/**
 * A Postman collection (format 2.1) of every operation of the API's document, in an order that runs from the first
 * request to the last, each with tests of its answer.
 * @throws Error when an operation is not among the steps, or a step has no operation.
 */
export function toPostmanCollection(document: OpenAPIV3.Document): object {
  const operations = operationsOf(document);
  for (const id of operations.keys()) {
    if (!STEPS.some((step) => step.operation === id)) throw new Error(`Expected a step for the operation ${id}.`);
  }
  return {
    info: {
      _postman_id: '5f0c6f0a-6f6a-4d0e-9d55-0c1c1a7b0a2d',
      name: document.info.title,
      description: document.info.description,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'basic', basic: [text('username', '{{username}}'), text('password', '{{password}}')] },
    variable: Object.entries(VARIABLES).map(([key, value]) => text(key, value)),
    item: STEPS.map((step) => {
      const found = operations.get(step.operation);
      if (!found) throw new Error(`Expected an operation ${step.operation} in the document, got none.`);
      return toItem(step, found, document);
    }),
  };
}

function operationsOf(document: OpenAPIV3.Document): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item ?? {}) as [string, OpenAPIV3.OperationObject][]) {
      found.set(operation.operationId ?? '', { method, path, operation });
    }
  }
  return found;
}

function toItem(step: Step, found: Found, document: OpenAPIV3.Document): object {
  const { operation } = found;
  const request = toRequest(step, found);
  return {
    name: step.name ?? operation.summary,
    event: events(step, operation, document),
    request,
    response: step.expect === undefined ? savedAnswers(request, operation) : [],
  };
}

function toRequest(step: Step, { method, path, operation }: Found): object {
  const parameters = (operation.parameters ?? []) as OpenAPIV3.ParameterObject[];
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/^\{(.*)\}$/, ':$1'));
  const body = (operation.requestBody as OpenAPIV3.RequestBodyObject | undefined)?.content[JSON_TYPE];
  return {
    method: method.toUpperCase(),
    ...(operation.security?.length === 0 ? { auth: { type: 'noauth' } } : {}),
    header: [
      ...(body ? [text('Content-Type', JSON_TYPE)] : []),
      ...Object.entries(step.headers ?? {}).map(([name, value]) => text(name, value)),
    ],
    ...(body ? { body: jsonBody({ ...(body.example as object), ...step.body }) } : {}),
    url: {
      raw: `{{baseUrl}}/${segments.join('/')}`,
      host: ['{{baseUrl}}'],
      path: segments,
      ...(query.length > 0 ? { query: query.map((parameter) => queryOf(parameter, step)) } : {}),
      variable: parameters.filter((parameter) => parameter.in === 'path').map((parameter) => pathOf(parameter, step)),
    },
    description: operation.description ?? '',
  };
}

function queryOf({ name, description = '' }: OpenAPIV3.ParameterObject, step: Step): object {
  const value = step.query?.[name];
  return { key: name, value: value ?? 'true', description, disabled: value === undefined };
}

function pathOf({ name, description = '', schema }: OpenAPIV3.ParameterObject, { traceId }: Step): object {
  const example: unknown = (schema as OpenAPIV3.SchemaObject).example;
  const value = name === 'trace_id' && traceId ? `{{${traceId}}}` : String(example);
  return { key: name, value, description };
}

function jsonBody(value: object): object {
  return { mode: 'raw', raw: JSON.stringify(value, null, 2), options: { raw: { language: 'json' } } };
}

/** The document's examples of good answers, as Postman shows them beside a request. */
function savedAnswers(originalRequest: object, operation: OpenAPIV3.OperationObject): object[] {
  const [code, answer] = goodAnswer(operation);
  const media = answer.content?.[JSON_TYPE];
  const example: unknown = media?.example;
  const named = Object.entries((media?.examples ?? {}) as Record<string, OpenAPIV3.ExampleObject>).map(
    ([name, { value }]) => [name, value as unknown] as const,
  );
  return (example === undefined ? named : [[answer.description, example] as const]).map(([name, value]) => ({
    name,
    originalRequest,
    status: STATUS_CODES[code],
    code,
    _postman_previewlanguage: 'json',
    header: [text('Content-Type', JSON_TYPE)],
    body: JSON.stringify(value, null, 2),
  }));
}

function goodAnswer(operation: OpenAPIV3.OperationObject): [number, OpenAPIV3.ResponseObject] {
  const found = Object.entries(operation.responses).find(([code]) => code.startsWith('2'));
  if (!found) throw new Error(`Expected ${operation.operationId ?? ''} to have an answer of 2xx.`);
  return [Number(found[0]), found[1] as OpenAPIV3.ResponseObject];
}

function events(step: Step, operation: OpenAPIV3.OperationObject, document: OpenAPIV3.Document): object[] {
  const test = script('test', testLines(step, operation, document));
  // The sandbox sends the request when its timers have ended.
  return step.poll ? [script('prerequest', ['setTimeout(() => {}, 100);']), test] : [test];
}

function script(listen: string, exec: string[]): object {
  return { listen, script: { type: 'text/javascript', exec } };
}

function testLines(step: Step, operation: OpenAPIV3.OperationObject, document: OpenAPIV3.Document): string[] {
  const code = step.expect ?? goodAnswer(operation)[0];
  const answer = operation.responses[code] as OpenAPIV3.ResponseObject;
  const { orElse = [] } = step;
  const lines = [
    orElse.length === 0
      ? `pm.test('answers ${code}', () => pm.response.to.have.status(${code}));`
      : `pm.test('answers as expected', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify([code, ...orElse])}));`,
    "pm.test('carries a trace id', () => pm.expect(pm.response.headers.get('X-Trace-Id')).to.match(/^[A-Za-z0-9]{16}$/));",
  ];
  const schema = answer.content?.[JSON_TYPE]?.schema;
  if (schema) {
    const plain = jsonSchemaOf(schema, document.components?.schemas ?? {});
    const judge = `pm.test('is what the document says', () => pm.response.to.have.jsonSchema(${JSON.stringify(plain)}));`;
    const isJudged = `pm.response.code === ${code} && pm.response.headers.get('Content-Type').startsWith('${JSON_TYPE}')`;
    lines.push(...(orElse.length > 0 ? [`if (${isJudged}) ${judge}`] : ['const answer = pm.response.json();', judge]));
  }
  if (step.keep) lines.push(`pm.collectionVariables.set('${step.keep}', answer.trace_id);`);
  if (step.poll) lines.push(...pollLines());
  return [...lines, ...(step.tests ?? [])];
}

/** Sends the same request again until the status is final; by then a minute must not have passed. */
function pollLines(): string[] {
  return [
    "const asked = Number(pm.collectionVariables.get('asked') || 0) + 1;",
    "if (['SUCCESS', 'ERROR'].includes(answer.status) || asked === 600) {",
    "  pm.collectionVariables.unset('asked');",
    "  pm.test('ends in SUCCESS', () => pm.expect(answer.status, answer.error).to.eql('SUCCESS'));",
    '} else {',
    "  pm.collectionVariables.set('asked', asked);",
    '  pm.execution.setNextRequest(pm.info.requestName);',
    '}',
  ];
}

function text(key: string, value: string): object {
  return { key, value, type: 'string' };
}
