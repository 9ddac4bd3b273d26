import type { BodyProperty, MediaType, Operation, OperationTable, Parameter, SchemaSummary } from '#core';

/** Small parts of operation tables for tests, with the defaults that OpenAPI gives. */

/** A schema of one type, without enumeration or default; null for a value of any type. */
export function schema(type: string | null = 'string', format?: string): SchemaSummary {
  return { type, enum: null, default: null, ...(format === undefined ? {} : { format }) };
}

const STYLES = { path: 'simple', query: 'form', querystring: 'form', header: 'simple', cookie: 'form' } as const;

/** `p('query', 'tags', {explode: false})`: a parameter with the defaults of its place. */
export function p(place: Parameter['in'], name: string, changes: Partial<Parameter> = {}): Parameter {
  const style = changes.style ?? STYLES[place];
  return {
    name,
    in: place,
    required: place === 'path',
    style,
    explode: style === 'form',
    allowReserved: false,
    allowEmptyValue: false,
    schema: schema(),
    example: 'x',
    ...changes,
  };
}

/** One media type of a body, whose content may be anything. */
export function media(contentType: string, changes: Partial<MediaType> = {}): MediaType {
  return { contentType, schema: schema(null), example: null, ...changes };
}

/** A property of a form body: text, not a file. */
export function property(changes: Partial<BodyProperty> = {}): BodyProperty {
  return { schema: schema(), binary: false, ...changes };
}

/** An operation without parameters or security: `GET /x`; its template follows a changed path. */
export function operation(changes: Partial<Operation> = {}): Operation {
  const path = changes.path ?? '/x';
  return { method: 'GET', path, template: path, parameters: [], security: [], accepts: [], ...changes };
}

/** A table of these operations, on the one server `http://h`. */
export function table(operations: readonly Operation[], changes: Partial<OperationTable> = {}): OperationTable {
  return {
    format: 1,
    title: 'Sample',
    documentVersion: '1.0.0',
    servers: [{ url: 'http://h' }],
    securitySchemes: {},
    operations,
    ...changes,
  };
}
