import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DependencyWatch } from '#core';
import { sendHealth } from '../../health/send-health.js';
import { Answers, Describes, Refuses, Tagged } from '../http/documented.js';

const dependencySchema = z
  .object({
    state: z.enum(['up', 'down']),
    since: z.iso.datetime().describe('When it was first seen in this state.'),
  })
  .meta({ id: 'Dependency' });

const healthSchema = z
  .object({
    live: z.literal(true),
    ready: z.boolean().describe('Whether it can do its work: the database is there.'),
    dependencies: z.object({
      database: dependencySchema,
      bus: dependencySchema,
      cache: dependencySchema,
      blobs: dependencySchema,
    }),
  })
  .meta({ id: 'Health' });
const livenessSchema = z.object({ live: z.literal(true) }).meta({ id: 'Liveness' });

const RETRY_AFTER = {
  'Retry-After': {
    description: 'How soon to try again, in seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 2,
  },
} as const;

const SINCE = '2025-08-26T12:11:49.226Z';
const NOT_READY: z.output<typeof healthSchema> = {
  live: true,
  ready: false,
  dependencies: {
    database: { state: 'down', since: SINCE },
    bus: { state: 'up', since: SINCE },
    cache: { state: 'up', since: SINCE },
    blobs: { state: 'up', since: SINCE },
  },
};

@Tagged('Health')
@Controller('v1/api/health')
export class HealthController {
  constructor(private readonly watch: DependencyWatch) {}

  @Get()
  @Describes({
    operationId: 'getHealth',
    summary: 'Ask whether the API is ready, and how what it needs is',
    description:
      'Needs no credentials unless METRICS_TOKEN is set: then that as a bearer token, or the user name and password.',
  })
  @Answers(200, 'It is ready.', healthSchema)
  @Answers(503, 'It is not: the database is away.', healthSchema, RETRY_AFTER, NOT_READY)
  @Refuses(401)
  async health(@Res() reply: FastifyReply): Promise<void> {
    await sendHealth(reply, this.watch);
  }

  @Get('live')
  @Describes({
    operationId: 'getLiveness',
    summary: 'Ask whether the API serves at all',
    description: 'Needs no credentials, and looks at nothing else.',
  })
  @Answers(200, 'It does.', livenessSchema)
  live(): z.output<typeof livenessSchema> {
    return { live: true };
  }
}
