import { Controller, Get, Query } from '@nestjs/common';
import { ProcessStore } from '#core';
import type { Principal, ProcessQuery } from '#core';
import { Caller } from '../auth/caller.js';
import { Needs, SOME_SPECS } from '../auth/needs.js';
import { HeaderView } from '../http/header-view.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import { processListQuerySchema, processListSchema } from './process-list.schemas.js';
import type { ProcessListQuery } from './process-list.schemas.js';
import { processView } from './scheduler-process.view.js';

@Tagged('Scheduler Process')
@Secured()
@Controller('v1/api/scheduler/processes')
export class ProcessListController {
  constructor(
    private readonly processes: ProcessStore,
    private readonly headerView: HeaderView,
  ) {}

  @Get()
  @Needs('read', SOME_SPECS)
  @Describes({
    operationId: 'listSchedulerProcesses',
    summary: 'List Scheduler Processes',
    description:
      'Newest first, each as a GET gives it but for its `req_body`. Pages follow one another by `next_cursor`; what is accepted meanwhile neither shifts nor repeats results. ' +
      'A page looks at 20,000 processes at most and ends early once its requests exceed 8 MiB, so it may be short, even empty, and still name a next one.',
  })
  @Answers(200, 'A page of processes.', processListSchema)
  @Refuses(400)
  async list(@Caller() caller: Principal, @Query({ schema: processListQuerySchema }) query: ProcessListQuery) {
    const { processes, next } = await this.processes.list(caller.project, {
      ...queryOf(query),
      specs: caller.specs && [...caller.specs],
    });
    return {
      count: processes.length,
      results: processes.map((process) => processView(process, caller, this.headerView)),
      next_cursor: next,
    };
  }
}

function queryOf(query: ProcessListQuery): ProcessQuery {
  const { status, service, key, created_from: from, created_to: to, error, limit, cursor } = query;
  return {
    status,
    service: service?.toLowerCase(),
    key,
    createdFrom: from === undefined ? undefined : Date.parse(from),
    createdBefore: to === undefined ? undefined : Date.parse(to),
    error,
    limit: Number(limit),
    cursor,
  };
}
