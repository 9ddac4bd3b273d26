import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, Spec } from '#core';
import { traceContextOf } from '#observability';
import { ArchiveSpec, ChangeSpec, ClientSource, FindSpec, ListSpecs, PayloadStore, RegisterSpec } from '#scheduling';
import type { ChangeSpecInput } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { HeaderView } from '../http/header-view.js';
import { credentialsOf } from '../http/credentials.js';
import { Answers, Describes, Refuses, Secured, Tagged, TOTAL_COUNT } from '../http/documented.js';
import { limitsOf } from '../http/limits.js';
import { retryOf } from '../http/retry.js';
import { documentOf } from './document.js';
import { specStatusView, specView } from './spec.view.js';
import {
  changeSpecSchema,
  createdSchema,
  createSpecSchema,
  limitSchema,
  offsetSchema,
  specListSchema,
  specSchema,
  specStatusSchema,
  specViewSchema,
  traceIdSchema,
} from './spec.schemas.js';
import type { ChangeSpecBody, CreateSpecBody, SpecBody, SpecViewQuery } from './spec.schemas.js';

/** A page shows no further document beyond this, but always one. */
const PAGE_DOCUMENT_BYTES = 32 * 1024 * 1024;

@Tagged('Spec')
@Secured()
@Controller('v1/api/spec')
export class SpecController {
  constructor(
    private readonly findSpec: FindSpec,
    private readonly listSpecs: ListSpecs,
    private readonly registerSpec: RegisterSpec,
    private readonly changeSpec: ChangeSpec,
    private readonly archiveSpec: ArchiveSpec,
    private readonly clients: ClientSource,
    private readonly payloads: PayloadStore,
    private readonly auditor: Auditor,
    private readonly headerView: HeaderView,
  ) {}

  @Post()
  @Needs('manage', { audits: 'spec.create' })
  @HttpCode(200)
  @Describes({
    operationId: 'createSpec',
    summary: 'Create a Spec',
    description: 'Keeps an OpenAPI document and generates its client in the background.',
  })
  @Answers(200, 'The trace id of the new Spec.', createdSchema)
  @Refuses(400, 409, 413, 415)
  async create(
    @Caller() caller: Principal,
    @Body({ schema: createSpecSchema }) body: CreateSpecBody,
    @Req() request: FastifyRequest,
  ): Promise<{ trace_id: string }> {
    const input = {
      name: body.name,
      headers: body.headers,
      document: documentOf(body.spec),
      url: body.url,
      serverVariables: body.server_variables,
      credentials: body.credentials && credentialsOf(body.credentials),
      retry: body.retry && retryOf(body.retry),
      limits: body.limits && limitsOf(body.limits),
      traceContext: traceContextOf(request),
    };
    const register = () => this.registerSpec.execute(caller, input);
    return { trace_id: await this.auditor.makingOfSpec(request, body.name.toLowerCase(), register) };
  }

  @Get(':trace_id/status')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'getSpecStatus', summary: 'Get the status of a Spec' })
  @Answers(200, 'The status and the steps so far.', specStatusSchema)
  @Refuses(404)
  async status(@Caller() caller: Principal, @Param('trace_id', { schema: traceIdSchema }) traceId: string) {
    return specStatusView(await this.findSpec.execute(caller, traceId));
  }

  @Get(':trace_id')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'getSpec', summary: 'Get a Spec' })
  @Answers(200, 'The Spec.', specSchema)
  @Refuses(400, 404)
  async get(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Query({ schema: specViewSchema }) query: SpecViewQuery,
  ): Promise<SpecBody> {
    return this.view(caller, await this.findSpec.execute(caller, traceId), query);
  }

  @Put(':trace_id')
  @Needs('manage', { ...SOME_SPECS, audits: 'spec.change' })
  @HttpCode(204)
  @Describes({
    operationId: 'changeSpec',
    summary: 'Change a Spec',
    description: 'A different document or name generates the client anew.',
  })
  @Answers(204, 'Changed.')
  @Refuses(400, 404, 409, 413, 415)
  async change(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Body({ schema: changeSpecSchema }) body: ChangeSpecBody,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const input = { ...inputOf(body), traceContext: traceContextOf(request) };
    await this.auditor.changeOfSpec(request, traceId, () => this.changeSpec.execute(caller, traceId, input));
  }

  @Delete(':trace_id')
  @Needs('manage', { ...SOME_SPECS, audits: 'spec.remove' })
  @HttpCode(204)
  @Describes({
    operationId: 'removeSpec',
    summary: 'Remove a Spec',
    description: 'The Spec is kept in an archive; processes waiting for it end in ERROR.',
  })
  @Answers(204, 'Removed.')
  @Refuses(404)
  async remove(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.auditor.changeOfSpec(request, traceId, () => this.archiveSpec.execute(caller, traceId));
  }

  @Get(':offset/:limit')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'listSpecs',
    summary: 'List Specs',
    description:
      'Newest first. The total is in the header X-Total-Count. With `spec=true` a page ends early once its documents exceed 32 MiB: go on at `offset` plus `count`.',
  })
  @Answers(200, 'A page of Specs; `count` is the number of results in it.', specListSchema, TOTAL_COUNT)
  @Refuses(400)
  async list(
    @Caller() caller: Principal,
    @Param('offset', { schema: offsetSchema }) offset: string,
    @Param('limit', { schema: limitSchema }) limit: string,
    @Query({ schema: specViewSchema }) query: SpecViewQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ count: number; results: SpecBody[] }> {
    const page = { offset: Number(offset), limit: Number(limit) };
    const { specs, total } = await this.listSpecs.execute(caller, page);
    void reply.header('X-Total-Count', String(total));
    const results: SpecBody[] = [];
    let bytes = 0;
    // One after the other: a page of large documents must not be read all at once.
    for (const spec of specs) {
      bytes += query.spec === 'true' ? spec.document.bytes : 0;
      if (bytes > PAGE_DOCUMENT_BYTES && results.length > 0) break;
      results.push(await this.view(caller, spec, query));
    }
    return { count: results.length, results };
  }

  private async view(caller: Principal, spec: Spec, query: SpecViewQuery): Promise<SpecBody> {
    const extras = {
      client: query.client === 'true' ? await this.clients.summary(spec) : undefined,
      document: query.spec === 'true' ? (await this.payloads.read(spec.document)).toString('base64') : undefined,
    };
    return specView(spec, extras, caller, this.headerView);
  }
}

function inputOf(body: ChangeSpecBody): ChangeSpecInput {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.headers === undefined ? {} : { headers: body.headers }),
    ...(body.spec === undefined ? {} : { document: documentOf(body.spec) }),
    url: body.url,
    serverVariables: body.server_variables,
    credentials: body.credentials && credentialsOf(body.credentials),
    retry: body.retry && retryOf(body.retry),
    limits: body.limits && limitsOf(body.limits),
  };
}
