import { MOST_PROJECTS, ProjectStore } from '#core';
import type { Project, ProjectChange } from '#core';
import { fromJson, toJson } from '../payload-encoding.js';
import { projectNameTaken, tooManyProjects } from '../project-conflicts.js';
import type { SqlRow, SqliteDatabase } from './sqlite-database.js';

const COLUMNS = 'name, title, created_at, updated_at, removed_at';
const SQL = {
  count: 'SELECT count(*) FROM project WHERE removed_at IS NULL',
  insert: `INSERT OR IGNORE INTO project (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`,
  find: `SELECT ${COLUMNS} FROM project WHERE name = ?`,
  list: `SELECT ${COLUMNS} FROM project ORDER BY name`,
  update: `
  UPDATE project SET title = coalesce(?, title), removed_at = ?, updated_at = ?
  WHERE name = ? AND (removed_at IS NULL) = ? RETURNING ${COLUMNS}`,
} as const;

/** Projects in SQLite. */
export class SqliteProjectStore extends ProjectStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  async insert({ name, title, createdAt, updatedAt, removedAt }: Project): Promise<void> {
    await this.database.write(() => {
      const [count = 0] = this.database.statement(SQL.count).get([]) ?? [];
      if ((count as number) >= MOST_PROJECTS) throw tooManyProjects();
      const row = [name, toJson(title), createdAt, updatedAt, removedAt];
      if (this.database.statement(SQL.insert).run(row).changes === 0) throw projectNameTaken(name);
    });
  }

  async find(name: string): Promise<Project | null> {
    const row = this.database.read(() => this.database.statement(SQL.find).get([name]));
    return row ? projectOf(row) : null;
  }

  async list(): Promise<Project[]> {
    return this.database.read(() => this.database.statement(SQL.list).all([]).map(projectOf));
  }

  async update(name: string, { title, removed }: ProjectChange, now: number): Promise<Project | null> {
    const row = [toJson(title), removed === true ? now : null, now, name, removed === false ? 0 : 1];
    const changed = await this.database.write(() => this.database.statement(SQL.update).get(row));
    return changed ? projectOf(changed) : null;
  }
}

function projectOf([name, title, createdAt, updatedAt, removedAt]: SqlRow): Project {
  return {
    name: name as string,
    title: (fromJson(title as string) ?? null) as string | null,
    createdAt: createdAt as number,
    updatedAt: updatedAt as number,
    removedAt: removedAt as number | null,
  };
}
