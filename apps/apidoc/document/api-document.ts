import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as swagger from '@nestjs/swagger';
import { ApiModule } from '../../api/api.module.js';
import { applyDocumentation } from '../../api/http/documented.js';
import { describeSchema } from './describe-schema.js';
import { finishDocument } from './finish-document.js';
import type { Draft } from './finish-document.js';

const DESCRIPTION = `Callboard turns any OpenAPI document into a service that can be called later, reliably:

1. Register a document: **Create a Spec**, then poll its status until \`SUCCESS\`.
2. Schedule a call of one of its operations: **Create a Scheduler Process**, then poll its status.
3. Fetch what the service answered: **Get the response of a Scheduler Process**.

Every route but the ping and health needs HTTP Basic authentication or an API key as a bearer token, with the scope that \`x-scope\` says. Every refusal is \`{"error": true, "message": "…"}\`, and every
answer carries \`X-Trace-Id\`: quote it when you ask the operator about a request.`;

const TAGS = {
  Spec: 'Registered OpenAPI documents, and the clients made from them.',
  'Scheduler Process': 'Calls of the operations of a Spec, made as soon as a worker can.',
  'Dead Letters': 'What was given up, kept with the reason until it is replayed or purged.',
  Projects: 'The tenants of this installation: nothing of one exists for another.',
  Audit: 'Who did what.',
  'API Keys': 'What lets programs in, each with its scopes.',
  Blobs: 'Bytes that bodies of calls name as files.',
  Health: 'Whether the service is up.',
};

/**
 * The OpenAPI document of the REST API, read from its controllers and schemas; nothing is started or connected.
 * For tools and tests alone: what runs serves the document that is checked in.
 * @param version of the API, as package.json gives it
 */
export async function buildApiDocument(version: string): Promise<swagger.OpenAPIObject> {
  // In preview nothing is made of the providers, so nothing needs to be there to make them from.
  const nothing = { adapters: {} } as Parameters<typeof ApiModule.register>[0];
  const api = ApiModule.register(nothing);
  for (const controller of api.controllers ?? []) applyDocumentation(controller as Type<object>, swagger);
  const app = await NestFactory.create(api, new FastifyAdapter(), {
    preview: true,
    logger: ['error', 'fatal'],
    abortOnError: false,
  });
  const frame = new swagger.DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Callboard')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // Relative to the document: the page's own origin, which passes calls on to the API.
    .addServer('/', 'Where this document was read from')
    .addBasicAuth(
      {
        ...{ type: 'http', scheme: 'basic' },
        description:
          'API_SCHEDULER_AUTH_USERNAME and _PASSWORD, or a user of API_USERS_FILE. X-Project says the project.',
      },
      'basic',
    )
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key. It acts in its own project alone.' },
      'key',
    );
  for (const [name, description] of Object.entries(TAGS)) frame.addTag(name, description);
  const document = swagger.SwaggerModule.createDocument(app, frame.build(), {
    standardSchemaConverter: describeSchema,
  });
  await app.close();
  return finishDocument(document as swagger.OpenAPIObject & Draft);
}
