import type { Project } from '../project.js';

/**
 * Where projects are kept, those that were removed too. The default one may be missing from it: it is there all the
 * same. All methods reject with `Unavailable` when the database does not answer in time.
 */
export abstract class ProjectStore {
  /**
   * Keeps a new project.
   * @throws Conflict when there is or has been one of its name (`PROJECT_NAME_TAKEN`; of two at once one succeeds), or
   *   when there are `MOST_PROJECTS` (`TOO_MANY_PROJECTS`; of several at once a few may come through beyond that).
   */
  abstract insert(project: Project): Promise<void>;

  /** The project of a name, removed or not; null when there has never been one. */
  abstract find(name: string): Promise<Project | null>;

  /** All, those that were removed too, in the order of their names. */
  abstract list(): Promise<Project[]>;

  /**
   * Changes a project that is there, or with `removed: false` one that was removed.
   * @returns it as it is now, or null when it is not so: of two who remove it one is told that.
   */
  abstract update(name: string, change: ProjectChange, now: number): Promise<Project | null>;
}

/** What is absent stays as it is. */
export interface ProjectChange {
  readonly title?: string | null | undefined;
  /** True removes it, false takes that back. */
  readonly removed?: boolean | undefined;
}
