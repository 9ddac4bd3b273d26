import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#core';
import { AskForSdk, FindSdk } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, FILE_NAME, Refuses, Secured, Tagged } from '../http/documented.js';
import { generatorSchema, sdkListSchema, sdkQuerySchema, sdkSchema } from './sdk.schemas.js';
import type { SdkBody, SdkListBody, SdkQuery } from './sdk.schemas.js';
import { sdkListView, sdkView } from './sdk.view.js';
import { traceIdSchema } from './spec.schemas.js';

/** Clients of a Spec in other languages, by OpenAPI Generator. */
@Tagged('Spec')
@Secured()
@Controller('v1/api/spec')
export class SdkController {
  constructor(
    private readonly askForSdk: AskForSdk,
    private readonly findSdk: FindSdk,
    private readonly auditor: Auditor,
  ) {}

  @Get(':trace_id/sdk')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'listSdks',
    summary: 'List SDKs',
    description: 'The generators that can be asked for, and the SDKs that were.',
  })
  @Answers(200, 'What there can be, and what there is.', sdkListSchema)
  @Refuses(404)
  async list(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
  ): Promise<SdkListBody> {
    return sdkListView(await this.findSdk.choice(caller, traceId));
  }

  @Post(':trace_id/sdk/:generator')
  @Needs('manage', { ...SOME_SPECS, audits: 'sdk.create' })
  @HttpCode(202)
  @Describes({
    operationId: 'createSdk',
    summary: 'Ask for an SDK',
    description:
      'Has OpenAPI Generator make an SDK of the version that serves, in the background. Asked for again it is the same, unless it ended in ERROR: then it is made anew.',
  })
  @Answers(202, 'How far it is.', sdkSchema)
  @Refuses(404, 409, 501)
  async create(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Param('generator', { schema: generatorSchema }) generator: string,
    @Req() request: FastifyRequest,
  ): Promise<SdkBody> {
    const ask = () => this.askForSdk.execute(caller, traceId, generator);
    return sdkView(await this.auditor.record(request, { target: traceId, asked: { generator } }, ask));
  }

  @Get(':trace_id/sdk/:generator')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'downloadSdk',
    summary: 'Download an SDK',
    description: 'The zip of an SDK that was asked for; its status while there is none, or why there is none.',
  })
  @Answers(200, 'The zip, or the status.', sdkSchema, {
    'Content-Disposition': { ...FILE_NAME['Content-Disposition'] },
  })
  @Refuses(400, 404)
  async download(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Param('generator', { schema: generatorSchema }) generator: string,
    @Query({ schema: sdkQuerySchema }) query: SdkQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const version = query.version === undefined ? undefined : Number(query.version);
    const sdk = await this.findSdk.execute(caller, traceId, generator, version);
    const zip = await this.findSdk.open(caller, sdk);
    if (!zip) {
      await reply.send(sdkView(sdk));
      return;
    }
    void reply.headers({
      'content-type': 'application/zip',
      'content-length': String(zip.bytes),
      'content-disposition': `attachment; filename="${zip.name}"`,
    });
    await reply.send(zip.stream);
  }
}
