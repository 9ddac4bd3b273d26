import type { OpenAPIV3 } from 'openapi-types';

type Schema = OpenAPIV3.SchemaObject | OpenAPIV3.ReferenceObject;

/** What speaks to people alone, and formats that validators of JSON Schema do not all know. */
const LEFT_OUT = new Set(['description', 'example', 'format', 'nullable', 'default']);

/**
 * A schema of an OpenAPI 3.0 document as plain JSON Schema, with its references put in place.
 * @param schemas the document's components; none of them may contain itself
 */
export function jsonSchemaOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): Record<string, unknown> {
  if ('$ref' in schema) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    const target = schemas[name];
    if (!target) throw new Error(`Expected a schema named ${name}, got none.`);
    return jsonSchemaOf(target, schemas);
  }
  const plain = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !LEFT_OUT.has(key))
      .map(([key, value]) => [key, convert(key, value, schemas)]),
  );
  return schema.nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}

function convert(key: string, value: unknown, schemas: Readonly<Record<string, Schema>>): unknown {
  const inner = (schema: Schema) => jsonSchemaOf(schema, schemas);
  if (['allOf', 'anyOf', 'oneOf'].includes(key)) return (value as Schema[]).map(inner);
  if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) return inner(value as Schema);
  if (key !== 'properties') return value;
  const properties = Object.entries(value as Record<string, Schema>);
  return Object.fromEntries(properties.map(([name, schema]) => [name, inner(schema)]));
}
