import { Controller, Get, Query } from '@nestjs/common';
import { AuditStore } from '#core';
import type { Principal } from '#core';
import { Caller } from '../auth/caller.js';
import { Needs } from '../auth/needs.js';
import { Answers, Describes, Refuses, Secured, Tagged } from '../http/documented.js';
import { auditListSchema, auditQuerySchema } from './audit.schemas.js';
import type { AuditListQuery } from './audit.schemas.js';
import { auditView } from './audit.view.js';

@Tagged('Audit')
@Secured()
@Controller('v1/api/audit')
export class AuditController {
  constructor(private readonly store: AuditStore) {}

  @Get()
  @Needs('admin')
  @Describes({
    operationId: 'listAuditRecords',
    summary: 'List the audit log',
    description:
      'Who did what to this project, newest first, and who was refused; failed logins are those of the default project. Nothing changes or removes a record but its age. ' +
      'A page looks at 20,000 records at most, so it may be short, even empty, and still name a next one.',
  })
  @Answers(200, 'A page of records.', auditListSchema)
  @Refuses(400)
  async list(@Caller() { project }: Principal, @Query({ schema: auditQuerySchema }) query: AuditListQuery) {
    const { who, action, target, from, to, limit, cursor } = query;
    const { records, next } = await this.store.list(project, {
      ...{ who, action, target, cursor, limit: Number(limit) },
      from: from === undefined ? undefined : Date.parse(from),
      before: to === undefined ? undefined : Date.parse(to),
    });
    return { count: records.length, results: records.map(auditView), next_cursor: next };
  }
}
