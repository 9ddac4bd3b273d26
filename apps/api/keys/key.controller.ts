import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#core';
import { ApiKeys } from '../auth/api-keys.js';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs } from '../auth/needs.js';
import { Answers, Describes, Refuses, RefusesOwn, Secured, Tagged } from '../http/documented.js';
import { traceIdSchema } from '../spec/spec.schemas.js';
import { createdKeySchema, createKeySchema, keyListSchema, keySchema } from './key.schemas.js';
import type { CreateKeyBody } from './key.schemas.js';
import { keyView } from './key.view.js';

@Tagged('API Keys')
@Secured()
@Controller('v1/api/keys')
export class KeyController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly auditor: Auditor,
  ) {}

  @Post()
  @Needs('admin', { audits: 'key.create' })
  @HttpCode(201)
  @Describes({
    operationId: 'createApiKey',
    summary: 'Create an API key',
    description:
      'Makes a key of this project. It is sent as `Authorization: Bearer cb_…`; only a hash of it is kept, so it is told in this answer alone.',
  })
  @Answers(201, 'The key, whole.', createdKeySchema)
  @Refuses(400, 413, 415)
  @RefusesOwn(
    409,
    'The project has too many keys.',
    'Expected a project with fewer than 1000 API keys, got one with as many.',
  )
  async create(
    @Caller() caller: Principal,
    @Body({ schema: createKeySchema }) body: CreateKeyBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { name, scopes, specs, expires_at: end } = body;
    const expiresAt = end == null ? undefined : Date.parse(end);
    const make = () => this.keys.make(caller, { name, scopes, specs: specs ?? undefined, expiresAt });
    const asked = { scopes, specs: specs ?? null, expires_at: end ?? null };
    const { key, text } = await this.auditor.record(request, { target: name, asked }, make, (made) => {
      return { made: made.key.traceId };
    });
    void reply.header('Cache-Control', 'no-store');
    return { ...keyView(key), key: text };
  }

  @Get()
  @Needs('admin')
  @Describes({ operationId: 'listApiKeys', summary: 'List API keys', description: 'All keys of this project.' })
  @Answers(200, 'The keys.', keyListSchema)
  async list(@Caller() caller: Principal) {
    const results = (await this.keys.list(caller)).map(keyView);
    return { count: results.length, results };
  }

  @Get(':trace_id')
  @Needs('admin')
  @Describes({ operationId: 'getApiKey', summary: 'Get an API key' })
  @Answers(200, 'The key, without its secret part.', keySchema)
  @Refuses(404)
  async get(@Caller() caller: Principal, @Param('trace_id', { schema: traceIdSchema }) traceId: string) {
    return keyView(await this.keys.find(caller, traceId));
  }

  @Delete(':trace_id')
  @Needs('admin', { audits: 'key.revoke' })
  @HttpCode(204)
  @Describes({
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key',
    description: 'It lets nobody in from now on, and nowhere else from a second later on.',
  })
  @Answers(204, 'Revoked.')
  @Refuses(404)
  async revoke(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const { name, scopes, specs } = await this.keys.find(caller, traceId);
    const action = { target: traceId, before: { name, scopes, specs } };
    await this.auditor.record(request, action, () => this.keys.revoke(caller, traceId));
  }
}
