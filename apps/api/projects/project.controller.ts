import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { formatTimestamp } from '#core';
import type { Principal, Project } from '#core';
import { ManageProjects } from '#scheduling';
import { Auditor } from '../audit/auditor.js';
import { Caller } from '../auth/caller.js';
import { Needs } from '../auth/needs.js';
import { Answers, Describes, Refuses, RefusesOwn, Secured, Tagged } from '../http/documented.js';
import { changeProjectSchema, createProjectSchema, projectListSchema } from './project.schemas.js';
import { projectNameSchema, projectSchema } from './project.schemas.js';
import type { ChangeProjectBody, CreateProjectBody, ProjectBody } from './project.schemas.js';

const UNKNOWN = [
  'There is no project of this name.',
  'Expected the name of a project, got team-b, which names none.',
] as const;

/** The tenants of this installation. */
@Tagged('Projects')
@Secured()
@Controller('v1/api/projects')
export class ProjectController {
  constructor(
    private readonly projects: ManageProjects,
    private readonly auditor: Auditor,
  ) {}

  @Post()
  @Needs('admin', { audits: 'project.create' })
  @HttpCode(201)
  @Describes({
    operationId: 'createProject',
    summary: 'Create a project',
    description:
      'Nothing of one project exists for another: Specs, processes, uploads, keys. A user says which one it means by the header X-Project.',
  })
  @Answers(201, 'The new project.', projectSchema)
  @Refuses(400, 403, 413, 415)
  @RefusesOwn(
    409,
    'There is or was a project of this name.',
    'Expected a name that no project has or has had, got "team-a".',
  )
  async create(
    @Caller() caller: Principal,
    @Body({ schema: createProjectSchema }) { name, title = null }: CreateProjectBody,
    @Req() request: FastifyRequest,
  ): Promise<ProjectBody> {
    const create = () => this.projects.create(caller, name, title);
    return projectView(await this.auditor.record(request, { target: name, asked: { title } }, create));
  }

  @Get()
  @Needs('admin')
  @Describes({
    operationId: 'listProjects',
    summary: 'List projects',
    description: 'All that the caller may act in.',
  })
  @Answers(200, 'The projects.', projectListSchema)
  async list(@Caller() caller: Principal): Promise<{ count: number; results: ProjectBody[] }> {
    const results = (await this.projects.list(caller)).map(projectView);
    return { count: results.length, results };
  }

  @Get(':name')
  @Needs('admin')
  @Describes({ operationId: 'getProject', summary: 'Get a project' })
  @Answers(200, 'The project.', projectSchema)
  @RefusesOwn(404, ...UNKNOWN)
  async get(
    @Caller() caller: Principal,
    @Param('name', { schema: projectNameSchema }) name: string,
  ): Promise<ProjectBody> {
    return projectView(await this.projects.find(caller, name));
  }

  @Put(':name')
  @Needs('admin', { audits: 'project.change' })
  @HttpCode(204)
  @Describes({ operationId: 'changeProject', summary: 'Change a project', description: 'Without a title it has none.' })
  @Answers(204, 'Changed.')
  @Refuses(400, 413, 415)
  @RefusesOwn(404, ...UNKNOWN)
  async change(
    @Caller() caller: Principal,
    @Param('name', { schema: projectNameSchema }) name: string,
    @Body({ schema: changeProjectSchema }) { title = null }: ChangeProjectBody,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const before = { title: (await this.projects.find(caller, name)).title };
    const change = () => this.projects.change(caller, name, title);
    await this.auditor.record(request, { target: name, before }, change, () => ({ after: { title } }));
  }

  @Delete(':name')
  @Needs('admin', { audits: 'project.remove' })
  @HttpCode(204)
  @Describes({
    operationId: 'removeProject',
    summary: 'Remove a project',
    description:
      'With its API keys, once it has no Spec and no process that has not ended. What is left of it goes by its age; its name is not given again.',
  })
  @Answers(204, 'Removed.')
  @Refuses(403)
  @RefusesOwn(404, ...UNKNOWN)
  @RefusesOwn(
    409,
    'It is the default one, or in use.',
    'Expected a project without specs and processes that have not ended, got team-a, which has 1 spec.',
  )
  async remove(
    @Caller() caller: Principal,
    @Param('name', { schema: projectNameSchema }) name: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.auditor.record(request, { target: name }, () => this.projects.remove(caller, name));
  }
}

function projectView({ name, title, createdAt, updatedAt }: Project): ProjectBody {
  return {
    ...{ name, title },
    ...(createdAt > 0 && { created_at: formatTimestamp(createdAt) }),
    ...(updatedAt > 0 && { updated_at: formatTimestamp(updatedAt) }),
  };
}
