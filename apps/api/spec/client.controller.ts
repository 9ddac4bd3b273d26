import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Principal } from '#core';
import { DownloadClient, FindOperations, FindSpec } from '#scheduling';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, FILE_NAME, Gives, Refuses, Secured, Tagged, TOTAL_COUNT } from '../http/documented.js';
import { operationListSchema, operationsQuerySchema } from './operations.schemas.js';
import type { OperationBody, OperationsQuery } from './operations.schemas.js';
import { operationView } from './operations.view.js';
import { traceIdSchema } from './spec.schemas.js';

/** What was made of a Spec. */
@Tagged('Spec')
@Secured()
@Controller('v1/api/spec')
export class ClientController {
  constructor(
    private readonly findSpec: FindSpec,
    private readonly findOperations: FindOperations,
    private readonly downloadClient: DownloadClient,
  ) {}

  @Get(':trace_id/operations')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'findOperations',
    summary: 'Find operations',
    description: 'The operations that calls can name. The total is in the header X-Total-Count.',
  })
  @Answers(200, 'A page of operations.', operationListSchema, TOTAL_COUNT)
  @Refuses(400, 404)
  async operations(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Query({ schema: operationsQuerySchema }) query: OperationsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ count: number; results: OperationBody[] }> {
    const spec = await this.findSpec.execute(caller, traceId);
    const page = { offset: Number(query.offset), limit: Number(query.limit) };
    const { results, total } = await this.findOperations.execute(spec, { ...query, ...page });
    void reply.header('X-Total-Count', String(total));
    return { count: results.length, results: results.map(operationView) };
  }

  @Get(':trace_id/client')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'downloadClient',
    summary: 'Download the TypeScript client',
    description:
      'A zip of one folder, which `npm install` takes by its path: typed operations, and no dependency. It holds no header and no credential of the Spec.',
  })
  @Gives(200, 'The zip.', 'application/zip', FILE_NAME)
  @Refuses(404)
  async client(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name, zip } = await this.downloadClient.execute(await this.findSpec.execute(caller, traceId));
    void reply.headers({ 'content-type': 'application/zip', 'content-disposition': `attachment; filename="${name}"` });
    await reply.send(zip);
  }
}
