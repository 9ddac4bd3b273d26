import { Conflict, DEFAULT_PROJECT, describeShape, Forbidden, isProjectName, NotFound } from '#core';
import type {
  ApiKeyStore,
  Clock,
  Principal,
  ProcessStatus,
  ProcessStore,
  Project,
  ProjectStore,
  SpecStore,
} from '#core';
import type { KnownProjects } from './known-projects.js';

const UNENDED: readonly ProcessStatus[] = ['WAITING', 'IN_PROGRESS'];

/** The default project as long as nobody has said anything of it. */
const DEFAULT: Project = { name: DEFAULT_PROJECT, title: null, createdAt: 0, updatedAt: 0, removedAt: null };

/**
 * …/v1/api/projects: the tenants of this installation. Whoever may not act in every project sees its own and no other,
 * and makes and removes none.
 */
export class ManageProjects {
  constructor(
    private readonly projects: ProjectStore,
    private readonly known: KnownProjects,
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly keys: ApiKeyStore,
    private readonly clock: Clock,
  ) {}

  /** @throws Forbidden when that is not for the caller; Conflict when there is or was one of this name. */
  async create(caller: Principal, name: string, title: string | null): Promise<Project> {
    refuseBound(caller);
    const now = this.clock.now();
    const project = { name, title, createdAt: now, updatedAt: now, removedAt: null };
    if (name === DEFAULT_PROJECT) throw new Conflict('PROJECT_NAME_TAKEN', 'Expected a name other than "default".');
    await this.projects.insert(project);
    this.known.forget();
    return project;
  }

  /** All that are there, the default one first, then by name. */
  async list(caller: Principal): Promise<Project[]> {
    const there = (await this.projects.list()).filter(({ removedAt }) => removedAt === null);
    const others = there.filter(({ name }) => name !== DEFAULT_PROJECT);
    const all = [there.find(({ name }) => name === DEFAULT_PROJECT) ?? DEFAULT, ...others];
    return all.filter(({ name }) => sees(caller, name));
  }

  /** @throws NotFound when there is none of this name for the caller. */
  async find(caller: Principal, name: string): Promise<Project> {
    const project = sees(caller, name) ? await this.projects.find(name) : null;
    if (project?.removedAt === null) return project;
    if (name === DEFAULT_PROJECT && sees(caller, name)) return DEFAULT;
    throw projectNotFound(name);
  }

  /** @throws NotFound when there is none of this name for the caller. */
  async change(caller: Principal, name: string, title: string | null): Promise<void> {
    if (!sees(caller, name)) throw projectNotFound(name);
    const now = this.clock.now();
    if (await this.projects.update(name, { title }, now)) return;
    if (name !== DEFAULT_PROJECT) throw projectNotFound(name);
    await this.projects.insert({ ...DEFAULT, title, updatedAt: now });
  }

  /**
   * Removes a project with its API keys. What is left of it, ended processes above all, goes by its age; the name is not
   * given again, so that nobody comes upon it.
   * @throws NotFound when there is none of this name for the caller; Forbidden when that is not for the caller; Conflict
   *   for the default one, and for one that has Specs or processes that have not ended.
   */
  async remove(caller: Principal, name: string): Promise<void> {
    if (!sees(caller, name)) throw projectNotFound(name);
    refuseBound(caller);
    if (name === DEFAULT_PROJECT) {
      throw new Conflict('PROJECT_NEEDED', 'Expected a project other than the default one, which always is there.');
    }
    await this.find(caller, name);
    await this.refuseUsed(name);
    if (!(await this.projects.update(name, { removed: true }, this.clock.now()))) throw projectNotFound(name);
    this.known.forget();
    try {
      // Somebody may have begun to use it between the look and the removal.
      await this.refuseUsed(name);
    } catch (error) {
      await this.projects.update(name, { removed: false }, this.clock.now());
      this.known.forget();
      throw error;
    }
    await this.keys.removeAll(name);
  }

  /** @throws Conflict when it has Specs or processes that have not ended. */
  private async refuseUsed(name: string): Promise<void> {
    const { total } = await this.specs.list(name, { offset: 0, limit: 1 });
    if (total > 0) throw used(name, `${total} ${total === 1 ? 'spec' : 'specs'}`);
    for (const status of UNENDED) {
      const { processes, next } = await this.processes.list(name, { status, limit: 1 });
      if (processes.length > 0 || next !== null) throw used(name, 'processes that have not ended');
    }
  }
}

function sees({ project, everyProject = false }: Principal, name: string): boolean {
  return project === name || (everyProject && isProjectName(name));
}

function refuseBound({ everyProject = false }: Principal): void {
  if (everyProject) return;
  throw new Forbidden('PROJECTS_BOUND', 'Expected a user of all projects, got a credential for some of them.');
}

function projectNotFound(name: string): NotFound {
  return new NotFound(
    'PROJECT_NOT_FOUND',
    `Expected the name of a project, got ${isProjectName(name) ? name : describeShape(name)}, which names none.`,
  );
}

function used(name: string, by: string): Conflict {
  const sentence = `Expected a project without specs and processes that have not ended, got ${name}, which has ${by}.`;
  return new Conflict('PROJECT_USED', sentence);
}
