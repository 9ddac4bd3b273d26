import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DeadLetterStore } from '#core';
import type { DeadLetterFilter, Principal } from '#core';
import { PurgeDeadLetters, ReplayDeadLetters } from '#scheduling';
import type { BulkResult, DeadLetterBulk } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import {
  deadLetterBulkSchema,
  deadLetterListSchema,
  deadLetterPurgeSchema,
  deadLetterQuerySchema,
  deadLetterReplaySchema,
} from './dead-letter.schemas.js';
import type { DeadLetterBulkBody, DeadLetterListQuery } from './dead-letter.schemas.js';
import { deadLetterView } from './dead-letter.view.js';

@Tagged('Dead Letters')
@Secured()
@Controller('v1/api/dead-letters')
export class DeadLetterController {
  constructor(
    private readonly letters: DeadLetterStore,
    private readonly replayDeadLetters: ReplayDeadLetters,
    private readonly purgeDeadLetters: PurgeDeadLetters,
    private readonly auditor: Auditor,
  ) {}

  @Get()
  @Needs('read')
  @Describes({
    operationId: 'listDeadLetters',
    summary: 'List Dead Letters',
    description:
      'What was given up, newest first: processes whose call failed as often as it may be made, or whose outcome is unknown, and messages between the API and the workers that no worker can deal with. ' +
      'A page looks at 20,000 letters at most, so it may be short, even empty, and still name a next one.',
  })
  @Answers(200, 'A page of dead letters.', deadLetterListSchema)
  @Refuses(400)
  async list(@Caller() caller: Principal, @Query({ schema: deadLetterQuerySchema }) query: DeadLetterListQuery) {
    const page = { limit: Number(query.limit), cursor: query.cursor };
    const { letters, next } = await this.letters.list(caller.project, { ...filterOf(query), ...page });
    return { count: letters.length, results: letters.map(deadLetterView), next_cursor: next };
  }

  @Post('replay')
  @Needs('manage', { audits: 'dead-letters.replay' })
  @HttpCode(200)
  @Describes({
    operationId: 'replayDeadLetters',
    summary: 'Replay Dead Letters',
    description:
      'Makes a new process of each process, as its own replay does, and sends each message again that can be read by now; the letter is taken away. Two requests at once replay a process once. ' +
      'With an empty object all letters are meant. When it is answered with 503, what was done by then is done: send it again.',
  })
  @Answers(200, 'What came of it.', deadLetterReplaySchema)
  @Refuses(400, 413, 415)
  async replay(
    @Caller() caller: Principal,
    @Body({ schema: deadLetterBulkSchema }) body: DeadLetterBulkBody,
    @Req() request: FastifyRequest,
  ) {
    const { matched, done, failed, next } = await this.audited(request, body, (bulk) => {
      return this.replayDeadLetters.execute(caller, bulk);
    });
    return { matched, replayed: done, failed, next_cursor: next };
  }

  @Post('purge')
  @Needs('manage', { audits: 'dead-letters.purge' })
  @HttpCode(200)
  @Describes({
    operationId: 'purgeDeadLetters',
    summary: 'Purge Dead Letters',
    description:
      'Takes letters away for good: messages with their text, processes only from this list. With an empty object all letters are meant.',
  })
  @Answers(200, 'What came of it.', deadLetterPurgeSchema)
  @Refuses(400, 413, 415)
  async purge(
    @Caller() caller: Principal,
    @Body({ schema: deadLetterBulkSchema }) body: DeadLetterBulkBody,
    @Req() request: FastifyRequest,
  ) {
    const { matched, done, next } = await this.audited(request, body, (bulk) => {
      return this.purgeDeadLetters.execute(caller, bulk);
    });
    return { matched, purged: done, next_cursor: next };
  }

  /** A dry run changes nothing, and is on no record. */
  private audited(
    request: FastifyRequest,
    body: DeadLetterBulkBody,
    act: (bulk: DeadLetterBulk) => Promise<BulkResult>,
  ): Promise<BulkResult> {
    const { dry_run: isDry, cursor: _, ...asked } = body;
    const run = () => act(bulkOf(body));
    if (isDry) return run();
    const tell = ({ matched, done, failed }: BulkResult) => ({ after: { matched, done, failed } });
    return this.auditor.record(request, { target: null, asked }, run, tell);
  }
}

function filterOf(query: Omit<DeadLetterListQuery, 'limit' | 'cursor'>): DeadLetterFilter {
  const { kind, service, type, reason, from, to } = query;
  return {
    ...{ kind, service: service?.toLowerCase(), type, reason },
    from: from === undefined ? undefined : Date.parse(from),
    before: to === undefined ? undefined : Date.parse(to),
  };
}

function bulkOf({ dry_run: dryRun, limit, cursor, ...filter }: DeadLetterBulkBody): DeadLetterBulk {
  return { ...filterOf(filter), dryRun, limit, cursor: cursor ?? undefined };
}
