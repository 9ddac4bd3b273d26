import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

const errorSchema = z.object({ error: z.literal(true), message: z.string() });

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; the message names the field.',
  401: 'The user name and password are missing or wrong.',
  404: 'There is nothing under this trace id.',
  409: 'An active Spec has this name; the message names it.',
  413: 'The body is larger than this installation allows.',
  415: 'The body is not application/json.',
  503: 'A backend does not answer; try again later.',
};

/** Documents one good answer of a route. */
export function Answers(status: number, description: string, schema?: z.ZodType): MethodDecorator {
  return ApiResponse(schema ? { status, description, standardSchema: schema } : { status, description });
}

/** Documents what a route may refuse with. */
export function Refuses(...statuses: number[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({ status, description: REASONS[status] ?? 'Refused.', standardSchema: errorSchema }),
    ),
  );
}

/** Documents what every route behind Basic authentication may answer. */
export function Secured(): ClassDecorator {
  return applyDecorators(
    ApiBasicAuth('basic'),
    ...[401, 503].map((status) =>
      ApiResponse({ status, description: REASONS[status] ?? 'Refused.', standardSchema: errorSchema }),
    ),
  );
}
