import { Body, Controller, Get, Headers, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Clock, Gone, hasEnded, PROCESS_ACCEPTED_MESSAGE, ProcessStore } from '#core';
import type { OpenPayload, Principal, SchedulerProcess, StoredResponse } from '#core';
import { traceContextOf } from '#observability';
import {
  CheckProcess,
  FindProcess,
  PayloadStore,
  refuseFaulty,
  ScheduleProcess,
  SubmitOnce,
  WaitForEnd,
} from '#scheduling';
import type { Submission } from '#scheduling';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { HeaderView } from '../http/header-view.js';
import {
  Answers,
  Describes,
  Prefers,
  Refuses,
  REPLAYED,
  Secured,
  Tagged,
  TakesIdempotencyKey,
} from '../http/documented.js';
import type { AnswerHeaders } from '../http/documented.js';
import { submissionOf } from '../http/idempotency-key.js';
import { preferredWait, prefers } from '../http/prefer.js';
import { exactText } from '../http/json-parser.js';
import { attemptListSchema, attemptsView } from './attempts.js';
import { traceIdSchema } from '../spec/spec.schemas.js';
import { processInput } from './process-input.js';
import { contentType, failedResponseView, headerOf } from './response.view.js';
import {
  acceptedOrEndedSchema,
  createProcessSchema,
  processSchema,
  processStatusSchema,
  responseSchema,
} from './scheduler-process.schemas.js';
import type { CreateProcessBody } from './scheduler-process.schemas.js';
import { processStatusView, processView } from './scheduler-process.view.js';

/** What a browser may do with a stranger's bytes: show them, in an origin of their own. */
const STRANGERS_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'";
/** What browsers run, or hand to programs that do; some of them heed no policy. */
const RUNNABLE = /html|xml|svg|pdf|script|flash|java|css/i;

const OF_THE_SERVICE: AnswerHeaders = {
  'X-Cache': {
    description: "Whether the service's answer came from the cache; absent where there is none.",
    schema: { type: 'string', enum: ['HIT', 'MISS'] },
    example: 'MISS',
  },
  'X-Upstream-Status': {
    description: "The status code of the service's answer.",
    schema: { type: 'integer', minimum: 100, maximum: 599 },
    example: 200,
  },
  'X-Content-Type-Options': {
    description: "A browser must not guess the type of a stranger's bytes.",
    schema: { type: 'string', enum: ['nosniff'] },
  },
  'Content-Security-Policy': {
    description: "A browser must not run a stranger's bytes in this origin.",
    schema: { type: 'string', enum: [STRANGERS_POLICY] },
  },
};

export const STRICT: AnswerHeaders = {
  'Preference-Applied': {
    description: 'The preferences that were honoured; absent when none was.',
    schema: { type: 'string' },
    example: 'handling=strict',
  },
};

const WAITED: AnswerHeaders = {
  'Content-Location': {
    description: 'Where the response can be had again; present when it was waited for.',
    schema: { type: 'string' },
    example: '/v1/api/scheduler/process/WE7koqi5NvmmlINj/response',
  },
};

@Tagged('Scheduler Process')
@Secured()
@Controller('v1/api/scheduler/process')
export class SchedulerProcessController implements OnModuleDestroy {
  constructor(
    private readonly processes: ProcessStore,
    private readonly checkProcess: CheckProcess,
    private readonly scheduleProcess: ScheduleProcess,
    private readonly findProcess: FindProcess,
    private readonly submitOnce: SubmitOnce,
    private readonly waitForEnd: WaitForEnd,
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
    private readonly headerView: HeaderView,
  ) {}

  @Post()
  @Needs('schedule', { ...SOME_SPECS, audits: null })
  @HttpCode(200)
  @Describes({
    operationId: 'createSchedulerProcess',
    summary: 'Create a Scheduler Process',
    description:
      'Keeps a call that a worker makes as soon as it can. With `Prefer: handling=strict` it is checked against the document first; else what is wrong with it ends it in ERROR. With `Prefer: wait=N` and an end within N seconds (60 at most) the answer is that of a GET of its response, named by `Content-Location`.',
  })
  @Prefers(
    'handling=strict, wait=10',
    'RFC 7240. `handling=strict` refuses a call that does not hold to the document, with every fault; `wait=N` answers with the response if the process ends within N seconds.',
  )
  @TakesIdempotencyKey()
  @Answers(200, 'Stored for good, and waiting; or what a GET of its response gives.', acceptedOrEndedSchema, {
    ...STRICT,
    ...WAITED,
    ...REPLAYED,
  })
  @Refuses(400, 404, 409, 413, 415, 422)
  async create(
    @Caller() caller: Principal,
    @Body({ schema: createProcessSchema }) body: CreateProcessBody,
    @Headers('prefer') prefer: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const traceContext = traceContextOf(request);
    const input = { ...processInput(body, exactText(request.body), this.clock.now()), traceContext };
    const applied: string[] = [];
    const make = async (traceId?: string) => {
      if (prefers(prefer, 'handling', 'strict')) {
        refuseFaulty(await this.checkProcess.execute(caller, input));
        applied.push('handling=strict');
      }
      return this.scheduleProcess.execute(caller, input, traceId);
    };
    const submission = submissionOf(request);
    const traceId = submission ? await this.once(submission, make, reply) : await make();
    // What came of it is for readers alone.
    const seconds = caller.scopes.has('read') ? preferredWait(prefer) : 0;
    const answer = seconds > 0 ? await this.answerWithin(seconds, caller, traceId, reply) : null;
    if (answer) applied.push(`wait=${seconds}`);
    if (applied.length > 0) void reply.header('Preference-Applied', applied.join(', '));
    if (!answer) {
      await reply.send({ trace_id: traceId, status: 'WAITING', msg: PROCESS_ACCEPTED_MESSAGE });
      return;
    }
    void reply.header('Content-Location', `/v1/api/scheduler/process/${traceId}/response`);
    await answer(reply);
  }

  /** Requests under way must not hold up the end of the server. */
  onModuleDestroy(): void {
    this.waitForEnd.stop();
  }

  @Get(':trace_id/status')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'getSchedulerProcessStatus', summary: 'Get the status of a Scheduler Process' })
  @Answers(200, 'The status and the steps so far.', processStatusSchema)
  @Refuses(404)
  async status(@Caller() caller: Principal, @Param('trace_id', { schema: traceIdSchema }) traceId: string) {
    return processStatusView(await this.findProcess.state(caller, traceId));
  }

  @Get(':trace_id')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'getSchedulerProcess', summary: 'Get a Scheduler Process' })
  @Answers(200, 'The process, without its response.', processSchema)
  @Refuses(404)
  async get(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const process = await this.findProcess.execute(caller, traceId);
    const body = process.reqBody ? (await this.payloads.read(process.reqBody)).toString() : 'null';
    const view = JSON.stringify(processView(process, caller, this.headerView));
    // As text, since its numbers may be more than a double holds.
    await reply.type('application/json; charset=utf-8').send(`${view.slice(0, -1)},"req_body":${body}}`);
  }

  @Get(':trace_id/attempts')
  @Needs('read', SOME_SPECS)
  @Describes({ operationId: 'listAttempts', summary: 'List the calls that were made of a Scheduler Process' })
  @Answers(200, 'The calls that have ended, oldest first.', attemptListSchema)
  @Refuses(404)
  async attempts(@Caller() caller: Principal, @Param('trace_id', { schema: traceIdSchema }) traceId: string) {
    return attemptsView(await this.findProcess.execute(caller, traceId));
  }

  @Get(':trace_id/response')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'getSchedulerProcessResponse',
    summary: 'Get the response of a Scheduler Process',
    description:
      "The service's bytes and content type as they came; the status while there is no response; an error with its reason when there will be none.",
  })
  @Answers(200, "The service's answer, the status, or the error.", responseSchema, OF_THE_SERVICE)
  @Refuses(404, 410)
  async response(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const answer = await this.answerOf(await this.findProcess.execute(caller, traceId));
    await answer(reply);
  }

  /**
   * How a process that has just been accepted is answered for, if it ends in time. Null also where its end cannot be read:
   * whoever were refused for that would send the call once more.
   */
  private async answerWithin(
    seconds: number,
    caller: Principal,
    traceId: string,
    reply: FastifyReply,
  ): Promise<Answer | null> {
    if (!(await this.waitForEnd.execute(caller.project, traceId, seconds * 1_000, goneSignal(reply)))) return null;
    try {
      return await this.answerOf(await this.findProcess.execute(caller, traceId));
    } catch {
      return null;
    }
  }

  /** All that may fail for want of a backend has been read when this resolves. */
  private async answerOf(process: SchedulerProcess): Promise<Answer> {
    const { traceId, project, status } = process;
    const response = hasEnded(status) ? await this.processes.findResponse(project, traceId) : null;
    if (status === 'SUCCESS' && !response) throw responseGone(traceId);
    if (status === 'ERROR') {
      const failure = await this.failure(process, response);
      return (reply) => sendOf(response, reply, failure);
    }
    if (!response) return (reply) => sendOf(null, reply, processStatusView(process));
    const opened = await this.payloads.open(response.body);
    return (reply) => sendBytes(response, reply, opened);
  }

  private async failure(process: SchedulerProcess, response: StoredResponse | null): Promise<Record<string, unknown>> {
    const failure = { error: true, message: process.error };
    if (!response) return failure;
    return { ...failure, response: failedResponseView(response, await this.payloads.read(response.body)) };
  }

  private async once(
    submission: Submission,
    make: (traceId: string) => Promise<string>,
    reply: FastifyReply,
  ): Promise<string> {
    const exists = async (traceId: string) => (await this.processes.find(submission.project, traceId)) !== null;
    const { traceId, isReplayed } = await this.submitOnce.execute(submission, { make, exists });
    if (isReplayed) void reply.header('Idempotency-Replayed', 'true');
    return traceId;
  }
}

/** Sends what was read. */
type Answer = (reply: FastifyReply) => Promise<void>;

/** @param response the service's, which what is sent is made of */
async function sendOf(response: StoredResponse | null, reply: FastifyReply, content: unknown): Promise<void> {
  // The bytes may be a stranger's: a browser must neither guess their type nor run them in our origin.
  void reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': STRANGERS_POLICY });
  if (response) void reply.headers({ 'X-Cache': response.cache, 'X-Upstream-Status': String(response.status) });
  await reply.send(content);
}

/** By hand, since a service that names no content type must not be given one. */
async function sendBytes(response: StoredResponse, reply: FastifyReply, { stream, bytes }: OpenPayload): Promise<void> {
  const type = contentType(response);
  if (type !== undefined) void reply.header('content-type', type);
  if (type === undefined || RUNNABLE.test(type)) void reply.header('content-disposition', 'attachment');
  // Only a coding that we could not undo is still there.
  const coding = headerOf(response, 'content-encoding');
  if (coding !== undefined) void reply.header('content-encoding', coding);
  await sendOf(response, reply.header('content-length', String(bytes)), stream);
}

/** Every process that ended well had one. */
function responseGone(traceId: string): Gone {
  const removed = 'it was removed for its age or because there were too many';
  return new Gone(
    'RESPONSE_GONE',
    `Expected the response of the scheduler process ${traceId} to be kept still, but ${removed}.`,
  );
}

/** Aborts when the connection of a request ends. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
