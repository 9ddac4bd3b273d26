import type { StandardSchemaConversionResult } from '@nestjs/swagger';
import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * A zod schema as the OpenAPI document describes it; what carries an `id` becomes a component of that name.
 * @param io whether it describes what comes in or what goes out: a default makes a field optional on one side only
 */
export function describeSchema(
  schema: unknown,
  { schemaType: io }: { schemaType: 'input' | 'output' },
): StandardSchemaConversionResult | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    definitions = {},
    $schema: _,
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  });
  return { schema: rest, components: definitions as Record<string, JsonSchema> };
}

/** Says what is meant where zod says how it checks. */
function simplify(schema: JsonSchema): void {
  // The format tells people all that the long expression does.
  if (schema.format === 'date-time') delete schema.pattern;
  // A flag of a query is text by nature, and a boolean to whoever reads the document.
  if (schema.type === 'string' && String(schema.enum) === 'true,false') {
    schema.type = 'boolean';
    delete schema.enum;
  }
  if (schema.default === 'false') schema.default = false;
  // OpenAPI 3.0 heeds `nullable` only beside a type.
  if (schema.nullable === true && schema.allOf) schema.type ??= 'object';
  // That numbers are exact goes without saying.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}
