import { Controller, Delete, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROCESS_ACCEPTED_MESSAGE, ProcessStore } from '#core';
import type { Principal } from '#core';
import { traceContextOf } from '#observability';
import { CancelProcess, ReplayProcess, SubmitOnce } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import {
  Answers,
  Describes,
  Refuses,
  RefusesOwn,
  REPLAYED,
  Secured,
  Tagged,
  TakesIdempotencyKey,
} from '../http/documented.js';
import { submissionOf } from '../http/idempotency-key.js';
import { traceIdSchema } from '../spec/spec.schemas.js';
import { acceptedSchema } from './scheduler-process.schemas.js';

/** The end of a process: before its time, and what may follow it. */
@Tagged('Scheduler Process')
@Secured()
@Controller('v1/api/scheduler/process')
export class ProcessEndController {
  constructor(
    private readonly processes: ProcessStore,
    private readonly cancelProcess: CancelProcess,
    private readonly replayProcess: ReplayProcess,
    private readonly submitOnce: SubmitOnce,
    private readonly auditor: Auditor,
  ) {}

  @Delete(':trace_id')
  @Needs('schedule', { ...SOME_SPECS, audits: 'process.cancel' })
  @HttpCode(204)
  @Describes({
    operationId: 'cancelSchedulerProcess',
    summary: 'Cancel a Scheduler Process',
    description:
      'It has ended in CANCELLED when this is answered, however far it was. A call under way is broken off within a second; what the service does with it is not known. Cancelling twice is cancelling once.',
  })
  @Answers(204, 'Cancelled.')
  @Refuses(404)
  @RefusesOwn(
    409,
    'It has ended in SUCCESS or ERROR already.',
    'Expected a scheduler process that has not ended, got WE7koqi5NvmmlINj, which has ended in SUCCESS.',
  )
  async cancel(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.auditor.record(request, { target: traceId }, () => this.cancelProcess.execute(caller, traceId));
  }

  @Post(':trace_id/replay')
  @Needs('schedule', { ...SOME_SPECS, audits: 'process.replay' })
  @HttpCode(200)
  @Describes({
    operationId: 'replaySchedulerProcess',
    summary: 'Replay a Scheduler Process',
    description:
      'Makes the call of a process that has ended once more, as a new process with the same request, credentials included, that starts at once and names the old one in `replay_of`.',
  })
  @TakesIdempotencyKey()
  @Answers(200, 'Stored for good, and waiting.', acceptedSchema, REPLAYED)
  @Refuses(400, 404, 422)
  @RefusesOwn(
    409,
    'It has not ended, or the same request is being carried out.',
    'Expected a scheduler process that has ended, got WE7koqi5NvmmlINj, which is WAITING.',
  )
  async replay(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const traceContext = traceContextOf(request);
    const make = (newTraceId?: string) => {
      const replay = () => this.replayProcess.execute(caller, traceId, newTraceId, traceContext);
      return this.auditor.record(request, { target: traceId }, replay, (made) => ({ made }));
    };
    const submission = submissionOf(request);
    if (!submission) return accepted(await make());
    const exists = async (made: string) => (await this.processes.find(caller.project, made)) !== null;
    const once = await this.submitOnce.execute(submission, { make, exists });
    if (once.isReplayed) void reply.header('Idempotency-Replayed', 'true');
    return accepted(once.traceId);
  }
}

function accepted(traceId: string) {
  return { trace_id: traceId, status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE };
}
