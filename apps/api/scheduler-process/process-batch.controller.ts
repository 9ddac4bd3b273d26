import { Body, Controller, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock, InvalidInput, PROCESS_ACCEPTED_MESSAGE, Unavailable } from '#core';
import type { Principal } from '#core';
import { noteOnRequest, traceContextOf } from '#observability';
import { ScheduleBatch } from '#scheduling';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { PartRefusals } from '../../http/error.filter.js';
import { Answers, Describes, Prefers, Refuses, Secured, Tagged } from '../http/documented.js';
import { exactText } from '../http/json-parser.js';
import { prefers } from '../http/prefer.js';
import { rawItems, rawMembers } from '../http/raw-json.js';
import { checkedBody } from '../http/validation.js';
import { processBatchResultSchema, processBatchSchema } from './process-batch.schemas.js';
import type { ProcessBatchBody } from './process-batch.schemas.js';
import { processInput } from './process-input.js';
import { STRICT } from './scheduler-process.controller.js';
import { createProcessSchema } from './scheduler-process.schemas.js';

@Tagged('Scheduler Process')
@Secured()
@Controller('v1/api/scheduler/process/batch')
export class ProcessBatchController {
  constructor(
    private readonly scheduleBatch: ScheduleBatch,
    private readonly refusals: PartRefusals,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Needs('schedule', { ...SOME_SPECS, audits: null })
  @HttpCode(200)
  @Describes({
    operationId: 'createSchedulerProcesses',
    summary: 'Create many Scheduler Processes',
    description:
      'Keeps up to 1,000 calls, each for itself: one that is refused changes nothing for the others. An Idempotency-Key is refused, since it would stand for all of them.',
  })
  @Prefers('handling=strict', 'Refuses each call that does not hold to the document, with every fault (RFC 7240).')
  @Answers(200, 'What became of each.', processBatchResultSchema, STRICT)
  @Refuses(400, 413, 415)
  async create(
    @Caller() caller: Principal,
    @Body({ schema: processBatchSchema }) { processes }: ProcessBatchBody,
    @Headers('prefer') prefer: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (request.headers['idempotency-key'] !== undefined) throw keyRefused();
    const strict = prefers(prefer, 'handling', 'strict');
    const text = exactText(request.body);
    const texts = text === undefined ? [] : rawItems(rawMembers(text).get('processes') ?? '');
    const now = this.clock.now();
    const traceContext = traceContextOf(request);
    const reading = processes.map(async (process, index) => {
      return { ...processInput(checkedBody(createProcessSchema, process), texts[index], now), traceContext };
    });
    const settled = await this.scheduleBatch.execute(caller, reading, { strict });
    refuseIfUnavailable(settled);
    if (settled.some(isMalformed)) noteOnRequest(request, { isMalformed: true });
    if (strict) void reply.header('Preference-Applied', 'handling=strict');
    return {
      count: settled.filter((each) => each.status === 'fulfilled').length,
      results: settled.map((each) => {
        if (each.status === 'rejected') return this.refusals.body(each.reason);
        return { trace_id: each.value, status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE };
      }),
    };
  }
}

function isMalformed(each: PromiseSettledResult<string>): boolean {
  return each.status === 'rejected' && each.reason instanceof InvalidInput;
}

/** Where a backend is away and nothing was kept, the whole of it may be sent again. @throws Unavailable then. */
function refuseIfUnavailable(settled: readonly PromiseSettledResult<string>[]): void {
  if (settled.some((each) => each.status === 'fulfilled')) return;
  for (const each of settled) if (each.status === 'rejected' && each.reason instanceof Unavailable) throw each.reason;
}

function keyRefused(): InvalidInput {
  return new InvalidInput('IDEMPOTENCY_KEY_OF_BATCH', 'Expected a batch without the header Idempotency-Key, got one.');
}
