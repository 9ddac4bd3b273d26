import 'reflect-metadata';
import { applyDecorators } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type * as Swagger from '@nestjs/swagger';
import type { ApiOperationOptions, ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { DEFAULT_PROJECT } from '#core';
import type { Scope } from '#core';
import { unknownProject } from '../auth/asked-project.js';

const LATER = 'callboard:documented';

type Decorator = MethodDecorator & ClassDecorator;
type Later = (swagger: typeof Swagger) => Decorator;
export type AnswerHeaders = NonNullable<ApiResponseOptions['headers']>;
type Status = 400 | 401 | 403 | 404 | 409 | 410 | 413 | 414 | 415 | 422 | 429 | 431 | 501 | 503;

export const errorSchema = z
  .object({
    error: z.literal(true),
    message: z.string().describe('One sentence: what was expected, what came, where.'),
  })
  .meta({ id: 'Error' });

export const faultySchema = z
  .object({
    error: z.literal(true),
    message: z.string().describe('The first fault, and how many more there are.'),
    faults: z.array(
      z
        .object({
          pointer: z
            .string()
            .describe(
              'JSON pointer into the body that was sent, as far as names are known; empty for the whole of it.',
            ),
          expected: z.string(),
          got: z.string(),
          message: z.string(),
        })
        .meta({ id: 'Fault' }),
    ),
  })
  .meta({ id: 'FaultyCall' });

const TRACE_ID: AnswerHeaders = {
  'X-Trace-Id': {
    description: 'Names this request in the log.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9]{16}$' },
    example: 'aKmtdLr6B7KvWiE8',
  },
};

/** Of answers that are one page of more. */
export const TOTAL_COUNT: AnswerHeaders = {
  'X-Total-Count': {
    description: 'How many there are in all.',
    required: true,
    schema: { type: 'integer', minimum: 0 },
    example: 2,
  },
};

/** Of answers to requests that may carry an idempotency key. */
export const REPLAYED: AnswerHeaders = {
  'Idempotency-Replayed': {
    description: 'Present when an earlier request with this Idempotency-Key was carried out, and this is its answer.',
    schema: { type: 'string', enum: ['true'] },
  },
};

/** Of answers that are files. */
export const FILE_NAME: AnswerHeaders = {
  'Content-Disposition': {
    description: 'The name to save it under (RFC 6266).',
    required: true,
    schema: { type: 'string' },
    example: 'attachment; filename="filmot-client.zip"',
  },
};

const RETRY_AFTER: AnswerHeaders = {
  'Retry-After': {
    description: 'How soon to try again, in seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 2,
  },
};

interface Refusal {
  readonly description: string;
  /** A sentence such as the answer holds. */
  readonly example: string;
  readonly headers?: AnswerHeaders;
  /** What the answer holds beside that; the schema of an error unless said. */
  readonly faults?: readonly object[];
}

const REFUSALS: Readonly<Record<Status, Refusal>> = {
  400: {
    description: 'The request is malformed; the message names the field.',
    example: 'Expected name to be a string, got an integer of 1 digit.',
  },
  401: {
    description: 'The user name and password, or the API key, are missing or wrong.',
    example: 'Expected a user name and password (HTTP Basic), got none.',
    headers: {
      'WWW-Authenticate': {
        description: 'How to authenticate (RFC 7617, RFC 6750).',
        required: true,
        schema: { type: 'string' },
        example: 'Basic realm="Callboard", charset="UTF-8"',
      },
    },
  },
  403: {
    description: 'The credential lacks the scope of this route, or is a key for other projects or some Specs only.',
    example: 'Expected a credential with the scope manage, got one without it.',
  },
  404: {
    description: 'There is nothing under this trace id in the project.',
    example: 'Expected the trace id of a spec, got liTsN5cS3JHrVoYW, which names none.',
  },
  409: {
    description: 'It is at odds with what is stored or under way; the message says with what.',
    example: 'Expected a name that no other spec has, got "filmot", which the spec liTsN5cS3JHrVoYW has.',
  },
  410: {
    description: 'It is kept no longer.',
    example:
      'Expected the response of the scheduler process WE7koqi5NvmmlINj to be kept still, but it was removed for its age or because there were too many.',
  },
  413: {
    description: 'The body is larger than this installation allows.',
    example: 'Expected a smaller body, got one above the limit of this installation.',
  },
  415: {
    description: 'The body is not application/json.',
    example: 'Expected a body of content type application/json, got another.',
  },
  422: {
    description:
      'The call does not hold to the document, or its Idempotency-Key stands for another body; `faults` names every fault.',
    example: 'Expected /query_params/term to be a string, got nothing.',
    faults: [
      {
        pointer: '/query_params/term',
        expected: 'a string',
        got: 'nothing',
        message: 'Expected /query_params/term to be a string, got nothing.',
      },
    ],
  },
  414: {
    description: 'The address is longer than this installation allows.',
    example: 'Expected an address of at most 8192 bytes, got 9000.',
  },
  429: {
    description: 'Too many failed logins came from this address, or too many requests with this credential.',
    example: 'Expected fewer failed logins from this address: try again in 4 s.',
    headers: RETRY_AFTER,
  },
  431: {
    description: 'The headers are more, or longer, than this installation allows.',
    example: 'Expected at most 100 headers, got 120.',
  },
  501: {
    description: 'This installation lacks a program; the message names what to install.',
    example:
      'Making SDKs needs Java 11 or newer (`java` on the PATH, or JAVA_HOME): install it where the API and the workers run.',
  },
  503: {
    description: 'A backend does not answer; try again later.',
    example: 'Expected an answer from the database, but it cannot be reached just now.',
    headers: RETRY_AFTER,
  },
};

/** Says what a route does. */
export function Describes(options: ApiOperationOptions & { operationId: string; summary: string }): MethodDecorator {
  return later((swagger) => swagger.ApiOperation(options) as Decorator);
}

/** Puts the routes of a controller under a heading. */
export function Tagged(name: string): ClassDecorator {
  return later((swagger) => swagger.ApiTags(name));
}

/**
 * Documents one answer of a route: with a schema its body is JSON.
 * @param example of it; good answers have theirs in apps/apidoc.
 */
export function Answers(
  status: number,
  description: string,
  schema?: z.ZodType,
  headers?: AnswerHeaders,
  example?: object,
): MethodDecorator {
  const answer = { status, description, headers: { ...TRACE_ID, ...headers }, ...(example && { example }) };
  return later((swagger) => swagger.ApiResponse(schema ? { ...answer, standardSchema: schema } : answer));
}

/** Documents one good answer of a route that is bytes of this media type. */
export function Gives(
  status: number,
  description: string,
  mediaType: string,
  headers?: AnswerHeaders,
): MethodDecorator {
  const content = { [mediaType]: { schema: { type: 'string', format: 'binary' } } };
  return later((swagger) =>
    swagger.ApiResponse({ status, description, headers: { ...TRACE_ID, ...headers }, content }),
  );
}

/** Documents a preference that a route honours: https://www.rfc-editor.org/rfc/rfc7240 */
export function Prefers(preference: string, description: string): MethodDecorator {
  const header = { name: 'Prefer', required: false, description, schema: { type: 'string' }, example: preference };
  return later((swagger) => swagger.ApiHeader(header));
}

/** Documents a header that a route reads. */
export function TakesHeader(name: string, description: string, example: string): MethodDecorator {
  const header = { name, required: false, description, schema: { type: 'string' }, example };
  return later((swagger) => swagger.ApiHeader(header));
}

/** Documents that a route carries a request out once for each key. */
export function TakesIdempotencyKey(): MethodDecorator {
  const header = {
    name: 'Idempotency-Key',
    required: false,
    description:
      'A string in quotes, 1 to 255 characters, new for each request and the same when it is sent again: then the first answer comes again, for 24 hours.',
    schema: { type: 'string' },
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  };
  return later((swagger) => swagger.ApiHeader(header));
}

/** Documents a body that is bytes of this media type. */
export function Takes(mediaType: string): MethodDecorator {
  return applyDecorators(
    later((swagger) => swagger.ApiConsumes(mediaType)),
    // No bytes at all are bytes, too.
    later((swagger) => swagger.ApiBody({ schema: { type: 'string', format: 'binary' }, required: false }) as Decorator),
  );
}

/** Documents what a route may refuse with. */
export function Refuses(...statuses: Status[]): MethodDecorator {
  return applyDecorators(...statuses.map((status) => refusal(status)));
}

/** Documents a refusal that is of this route alone. @param example a sentence such as the answer holds */
export function RefusesOwn(status: Status, description: string, example: string): MethodDecorator {
  return refusal(status, { description, example });
}

/** The header by which a user says in which project it acts. */
const PROJECT = {
  name: 'X-Project',
  required: false,
  description: 'The project that is meant; left out, the default one. Nothing of another one exists.',
  schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$', default: DEFAULT_PROJECT },
  example: DEFAULT_PROJECT,
};

/** Documents what every route behind authentication may answer. */
export function Secured(): ClassDecorator {
  return applyDecorators(
    later((swagger) => swagger.ApiHeader(PROJECT)),
    // The first also of heads that are malformed, whatever else a route takes.
    ...([400, 401, 414, 429, 431, 503] as const).map((status) => refusal(status)),
    refusal(404, { description: 'X-Project names no project.', example: unknownProject() }),
  );
}

/** Documents which scope a route needs, and by which credentials that is proved. Use `@Needs`, which also sees to it. */
export function ScopeNeeded(scope: Scope, audited?: string): MethodDecorator {
  return applyDecorators(
    later((swagger) => swagger.ApiBasicAuth('basic')),
    later((swagger) => swagger.ApiBearerAuth('key')),
    later((swagger) => swagger.ApiExtension('x-scope', scope)),
    ...(audited === undefined ? [] : [later((swagger) => swagger.ApiExtension('x-audited', audited))]),
    refusal(403),
  );
}

/** Applies to a controller what its decorators keep for @nestjs/swagger. Call it once for each. */
export function applyDocumentation(controller: Type<object>, swagger: typeof Swagger): void {
  for (const make of keptFor(controller)) make(swagger)(controller);
  const prototype = controller.prototype as object;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key === 'constructor' || typeof descriptor.value !== 'function') continue;
    for (const make of keptFor(descriptor.value as object)) make(swagger)(prototype, key, descriptor);
  }
}

function refusal(status: Status, of: Refusal = REFUSALS[status]): Decorator {
  const { description, example, headers, faults } = of;
  return later((swagger) =>
    swagger.ApiResponse({
      status,
      description,
      headers: { ...TRACE_ID, ...headers },
      standardSchema: faults ? faultySchema : errorSchema,
      example: { error: true, message: example, ...(faults && { faults }) },
    }),
  );
}

/** Keeps a decorator until a document is made: whoever only runs the API must not pay for @nestjs/swagger (11 MB). */
function later(make: Later): Decorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place = (descriptor?.value as object | undefined) ?? target;
    Reflect.defineMetadata(LATER, [...keptFor(place), make], place);
  };
}

function keptFor(place: object): Later[] {
  return (Reflect.getOwnMetadata(LATER, place) as Later[] | undefined) ?? [];
}
