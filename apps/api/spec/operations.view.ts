import { formatTimestamp } from '#core';
import type { FoundOperation } from '#scheduling';
import type { OperationBody } from './operations.schemas.js';

export function operationView({ operation, drift }: FoundOperation): OperationBody {
  const { method, path, operationId, summary, tags, deprecated, parameters, requestBody, security } = operation;
  return {
    method,
    path,
    ...(operationId === undefined ? {} : { operation_id: operationId }),
    ...(summary === undefined ? {} : { summary }),
    ...(tags === undefined ? {} : { tags: [...tags] }),
    ...(deprecated === undefined ? {} : { deprecated }),
    parameters: parameters.map(({ name, in: place, required, schema, example, description }) => ({
      name,
      in: place,
      required,
      type: schema.type,
      enum: schema.enum && [...schema.enum],
      default: schema.default,
      example,
      ...(description === undefined ? {} : { description }),
    })),
    ...(requestBody === undefined
      ? {}
      : {
          request_body: {
            required: requestBody.required,
            content: requestBody.content.map(({ contentType, example }) => ({ content_type: contentType, example })),
          },
        }),
    security: security.map((alternative) =>
      Object.fromEntries(Object.entries(alternative).map(([scheme, scopes]) => [scheme, [...scopes]])),
    ),
    ...(drift === null ? {} : { drift: { count: drift.count, last_at: formatTimestamp(drift.lastAt) } }),
  };
}
