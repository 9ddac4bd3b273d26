import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIV3 } from 'openapi-types';

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'docs', 'swagger', 'openapi.json');

/** What names things, by where it stands and what it is called. */
const NAMING = new Set([
  ...['path trace_id', 'path name', 'query service', 'query key', 'query cursor', 'header Idempotency-Key'],
  ...['body name', 'body service', 'body key', 'body cursor', 'body req_body', 'body processes', 'body specs'],
]);
/** What does not: numbers, times, words of a fixed list, texts that are searched for, and contents. */
const PLAIN = new Set([
  ...['path offset', 'path limit', 'path generator', 'path version', 'header X-Project', 'header Prefer'],
  ...['header Last-Event-ID', 'query spec', 'query client', 'query search', 'query method', 'query offset'],
  ...['query limit', 'query version', 'query before', 'query from', 'query to', 'query status', 'query created_from'],
  ...['query created_to', 'query error', 'query kind', 'query type', 'query reason', 'query who', 'query action'],
  ...['query target', 'body headers', 'body spec', 'body url', 'body server_variables', 'body retry', 'body limits'],
  ...['body credentials', 'body endpoint', 'body method', 'body query_params', 'body url_params', 'body timeout_ms'],
  ...['body cookie_params', 'body content_type', 'body run_at', 'body delay', 'body expires_at', 'body priority'],
  ...['body cache', 'body kind', 'body type', 'body reason', 'body from', 'body to', 'body dry_run', 'body limit'],
  ...['body title', 'body scopes'],
]);

export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  /** As the document has it. */
  readonly path: string;
  /** What of it names things: `path trace_id`. */
  readonly names: readonly string[];
  /** A body that it takes, if it takes JSON. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * All operations of the API's own document that need credentials.
 * @throws Error when one has a parameter or field of which it is not known whether it names something.
 */
export function apiOperations(): ApiOperation[] {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenAPIV3.Document;
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const operations = Object.entries(item ?? {}) as [string, OpenAPIV3.OperationObject][];
    return operations
      .filter(([, { security = [] }]) => security.length > 0)
      .map(([method, operation]) => operationOf(document, method, path, operation));
  });
}

function operationOf(
  document: OpenAPIV3.Document,
  method: string,
  path: string,
  { operationId: id = '', parameters = [], requestBody }: OpenAPIV3.OperationObject,
): ApiOperation {
  const content = (requestBody as OpenAPIV3.RequestBodyObject | undefined)?.content['application/json'];
  const fields = Object.keys(schemaOf(document, content?.schema).properties ?? {});
  const all = [
    ...(parameters as OpenAPIV3.ParameterObject[]).map((parameter) => `${parameter.in} ${parameter.name}`),
    ...fields.map((field) => `body ${field}`),
  ];
  const unknown = all.filter((each) => !NAMING.has(each) && !PLAIN.has(each));
  if (unknown.length > 0) {
    throw new Error(`Expected to know whether ${unknown.join(', ')} of ${id} names something of a tenant.`);
  }
  const names = all.filter((each) => NAMING.has(each));
  const body = content && ((content.example ?? {}) as Record<string, unknown>);
  return { id, method: method.toUpperCase(), path, names, body };
}

function schemaOf(
  document: OpenAPIV3.Document,
  schema: OpenAPIV3.SchemaObject | OpenAPIV3.ReferenceObject = {},
): OpenAPIV3.SchemaObject {
  if (!('$ref' in schema)) return schema;
  return schemaOf(document, document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? '']);
}
