import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal, Spec } from '#core';
import { PauseSpec } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import { pauseSchema, pausedSchema } from './pause.schemas.js';
import type { PauseBody } from './pause.schemas.js';
import { traceIdSchema } from './spec.schemas.js';

@Tagged('Spec')
@Secured()
@Controller('v1/api/spec')
export class PauseController {
  constructor(
    private readonly pauseSpec: PauseSpec,
    private readonly auditor: Auditor,
  ) {}

  @Post(':trace_id/pause')
  @Needs('manage', { ...SOME_SPECS, audits: 'spec.pause' })
  @HttpCode(200)
  @Describes({
    operationId: 'pauseSpec',
    summary: 'Pause a Spec or a key',
    description:
      'From now on none of its calls starts, or none of the key: they wait until it is resumed, or until their `expires_at`. Calls under way go on.',
  })
  @Answers(200, 'What is paused now.', pausedSchema)
  @Refuses(400, 404, 409)
  async pause(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Body({ schema: pauseSchema }) body: PauseBody,
    @Req() request: FastifyRequest,
  ) {
    const pause = () => this.pauseSpec.execute(caller, traceId, { key: body?.key, paused: true });
    return pausedView(await this.auditor.changeOfSpec(request, traceId, pause));
  }

  @Post(':trace_id/resume')
  @Needs('manage', { ...SOME_SPECS, audits: 'spec.resume' })
  @HttpCode(200)
  @Describes({
    operationId: 'resumeSpec',
    summary: 'Resume a Spec or a key',
    description: 'What waited starts at once, as far as limits allow. Keys that were paused by themselves stay so.',
  })
  @Answers(200, 'What is paused now.', pausedSchema)
  @Refuses(400, 404)
  async resume(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Body({ schema: pauseSchema }) body: PauseBody,
    @Req() request: FastifyRequest,
  ) {
    const pause = () => this.pauseSpec.execute(caller, traceId, { key: body?.key, paused: false });
    return pausedView(await this.auditor.changeOfSpec(request, traceId, pause));
  }
}

function pausedView({ paused = false, pausedKeys = [] }: Spec) {
  return { paused, paused_keys: [...pausedKeys] };
}
