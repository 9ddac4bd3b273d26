import { MOST_PROJECTS, ProjectStore } from '#core';
import type { Project, ProjectChange } from '#core';
import { fromJson, toJson } from '../payload-encoding.js';
import { isPlainText } from '../plain-text.js';
import { projectNameTaken, tooManyProjects } from '../project-conflicts.js';
import type { ProjectDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { isDuplicateKey } from './mongo-errors.js';

/** Projects in MongoDB. */
export class MongoProjectStore extends ProjectStore {
  constructor(private readonly database: MongoDatabase) {
    super();
  }

  async insert(project: Project): Promise<void> {
    const there = await this.database.command(() => this.projects.countDocuments({ isThere: true }));
    if (there >= MOST_PROJECTS) throw tooManyProjects();
    try {
      await this.database.command(() => this.projects.insertOne(documentOf(project)));
    } catch (error) {
      throw isDuplicateKey(error) ? projectNameTaken(project.name, error) : error;
    }
  }

  async find(name: string): Promise<Project | null> {
    if (!isPlainText(name)) return null;
    const found = await this.database.command(() => this.projects.findOne({ _id: name }));
    return found && projectOf(found);
  }

  async list(): Promise<Project[]> {
    const found = await this.database.command(() => this.projects.find({}, { sort: { _id: 1 } }).toArray());
    return found.map(projectOf);
  }

  async update(name: string, { title, removed }: ProjectChange, now: number): Promise<Project | null> {
    if (!isPlainText(name)) return null;
    const updatedAt = new Date(now);
    const $set = {
      ...(title === undefined ? undefined : { title: JSON.stringify(title) }),
      ...(removed === true ? { removedAt: updatedAt } : undefined),
      ...{ isThere: removed !== true, updatedAt },
    };
    const update = { $set, ...(removed === false && { $unset: { removedAt: '' as const } }) };
    const changed = await this.database.command(() =>
      this.projects.findOneAndUpdate({ _id: name, isThere: removed !== false }, update, { returnDocument: 'after' }),
    );
    return changed && projectOf(changed);
  }

  private get projects() {
    return this.database.projects;
  }
}

function documentOf({ name, title, createdAt, updatedAt, removedAt }: Project): ProjectDocument {
  return {
    ...{ _id: name, title: toJson(title) ?? 'null', createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) },
    isThere: removedAt === null,
    ...(removedAt === null ? undefined : { removedAt: new Date(removedAt) }),
  };
}

function projectOf({ _id, title, createdAt, updatedAt, removedAt }: ProjectDocument): Project {
  return {
    name: _id,
    title: (fromJson(title) ?? null) as string | null,
    createdAt: createdAt.getTime(),
    updatedAt: updatedAt.getTime(),
    removedAt: removedAt?.getTime() ?? null,
  };
}
