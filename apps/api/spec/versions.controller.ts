import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Principal } from '#core';
import { ClientSource, DiffVersions, FindSpec, PayloadStore, SpecHistory } from '#scheduling';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import { traceIdSchema } from './spec.schemas.js';
import type { SpecViewQuery } from './spec.schemas.js';
import {
  diffQuerySchema,
  diffSchema,
  reportQuerySchema,
  reportSchema,
  versionDetailSchema,
  versionListSchema,
  versionSchema,
  versionsQuerySchema,
  versionViewQuerySchema,
} from './versions.schemas.js';
import type {
  DiffBody,
  DiffQuery,
  ReportBody,
  ReportQuery,
  VersionBody,
  VersionDetailBody,
  VersionsQuery,
} from './versions.schemas.js';
import { diffView, reportView, versionView } from './versions.view.js';

/** The documents that a Spec has had. */
@Tagged('Spec')
@Secured()
@Controller('v1/api/spec')
export class VersionsController {
  constructor(
    private readonly findSpec: FindSpec,
    private readonly history: SpecHistory,
    private readonly diffVersions: DiffVersions,
    private readonly clients: ClientSource,
    private readonly payloads: PayloadStore,
  ) {}

  @Get(':trace_id/report')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'getSpecReport',
    summary: 'Get what was found in a document',
    description: 'Each repair with its place in the document as it was sent. A repair is never a failure.',
  })
  @Answers(200, 'The report; without warnings until the document has been read.', reportSchema)
  @Refuses(400, 404)
  async report(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Query({ schema: reportQuerySchema }) query: ReportQuery,
  ): Promise<ReportBody> {
    const spec = await this.findSpec.execute(caller, traceId);
    return reportView(traceId, await this.history.report(spec, numberOf(query.version)));
  }

  @Get(':trace_id/versions')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'listSpecVersions',
    summary: 'List the versions of a Spec',
    description: 'Each PUT of a different document makes one. Newest first.',
  })
  @Answers(200, 'A page of versions.', versionListSchema)
  @Refuses(400, 404)
  async list(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Query({ schema: versionsQuerySchema }) query: VersionsQuery,
  ): Promise<{ count: number; results: VersionBody[] }> {
    const spec = await this.findSpec.execute(caller, traceId);
    const page = { before: numberOf(query.before), limit: Number(query.limit) };
    const results = (await this.history.list(spec, page)).map(versionView);
    return { count: results.length, results };
  }

  @Get(':trace_id/versions/:version')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'getSpecVersion', summary: 'Get one version of a Spec' })
  @Answers(200, 'The version.', versionDetailSchema)
  @Refuses(400, 404)
  async get(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Param('version', { schema: versionSchema }) number: string,
    @Query({ schema: versionViewQuerySchema }) query: SpecViewQuery,
  ): Promise<VersionDetailBody> {
    const spec = await this.findSpec.execute(caller, traceId);
    const version = await this.history.version(spec, Number(number));
    const client = query.client === 'true' ? await this.clients.summary(spec, version.version) : undefined;
    const document = query.spec === 'true' ? await this.payloads.read(version.document) : undefined;
    return {
      ...versionView(version),
      ...(client === undefined ? {} : { client: client as VersionDetailBody['client'] }),
      ...(document === undefined ? {} : { spec: document.toString('base64') }),
    };
  }

  @Get(':trace_id/diff')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'diffSpecVersions',
    summary: 'Compare two versions of a Spec',
    description: 'Tells breaking from harmless changes, and how many waiting processes each touches.',
  })
  @Answers(200, 'The changes; none when nothing that counts has changed.', diffSchema)
  @Refuses(400, 404, 409)
  async diff(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Query({ schema: diffQuerySchema }) query: DiffQuery,
  ): Promise<DiffBody> {
    const spec = await this.findSpec.execute(caller, traceId);
    return diffView(await this.diffVersions.execute(spec, numberOf(query.from), numberOf(query.to)));
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
