import { Controller, Get, Headers, Param, Req, Res } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '#core';
import { FindProcess } from '#scheduling';
import { ApiKeys } from '../auth/api-keys.js';
import { bearerToken } from '../auth/authenticate.js';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { Answers, Describes, Gives, Refuses, Secured, Tagged, TakesHeader } from '../http/documented.js';
import type { AnswerHeaders } from '../http/documented.js';
import { traceIdSchema } from '../spec/spec.schemas.js';
import { ProcessEvents } from './process-events.js';

const UNCACHED: AnswerHeaders = {
  'Cache-Control': { description: 'Nothing of it is kept.', schema: { type: 'string', enum: ['no-store'] } },
  'X-Accel-Buffering': { description: 'A proxy must not hold it back.', schema: { type: 'string', enum: ['no'] } },
};

@Tagged('Scheduler Process')
@Secured()
@Controller('v1/api/scheduler/process')
export class ProcessEventsController implements OnModuleDestroy {
  constructor(
    private readonly findProcess: FindProcess,
    private readonly events: ProcessEvents,
    private readonly keys: ApiKeys,
  ) {}

  @Get(':trace_id/events')
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'streamSchedulerProcessEvents',
    summary: 'Follow a Scheduler Process',
    description:
      'Server-sent events: at once one of type `status` with the body that a GET of the status has, one more for each change of status, step or attempt, and the end of the stream with the last of them. Changes that follow one another at once may come as one. A comment comes every 15 seconds.',
  })
  @TakesHeader(
    'Last-Event-ID',
    'The last event that was seen, when coming back: it is not sent again.',
    '1.0.2.WAITING',
  )
  @Gives(200, 'The events.', 'text/event-stream', UNCACHED)
  @Answers(204, 'The last event there will ever be was seen before: do not come back.')
  @Refuses(404)
  async stream(
    @Caller() caller: Principal,
    @Param('trace_id', { schema: traceIdSchema }) traceId: string,
    @Headers('last-event-id') lastSeen: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const token = bearerToken(request);
    // A stream may outlive the key that it was opened with.
    const isStillIn = token === undefined ? undefined : async () => (await this.keys.check(token)) !== null;
    const body = this.events.stream(await this.findProcess.execute(caller, traceId), lastSeen, isStillIn);
    void reply.headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    if (body) await reply.type('text/event-stream').send(body);
    else await reply.status(204).send();
  }

  /** Streams must not hold up the end of the server. */
  onModuleDestroy(): void {
    this.events.stop();
  }
}
