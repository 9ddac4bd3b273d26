import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { Conflict, DEFAULT_PROJECT, Forbidden, NotFound, SCOPES } from '#core';
import type { Principal } from '#core';
import { CALLER, FakeClock, sampleProcess, sampleSpec } from '#testing';
import { KnownProjects } from './known-projects.js';
import { ManageProjects } from './manage-projects.js';

const clock = new FakeClock();
const bound = (project: string): Principal => ({ id: 'key:KeyKeyKeyKeyKeyK', project, scopes: new Set(SCOPES) });

let folder: string;
let stores: SqliteStores;
let projects: ManageProjects;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-projects-'));
  stores = await openSqliteStores({ folder, clock });
  const { specs, processes, apiKeys } = stores;
  const known = new KnownProjects(stores.projects, clock);
  projects = new ManageProjects(stores.projects, known, specs, processes, apiKeys, clock);
});
afterEach(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

const names = async (caller: Principal) => (await projects.list(caller)).map(({ name }) => name);

it('the default project is always there, may have a title, and is not removed', async () => {
  expect(await projects.find(CALLER, DEFAULT_PROJECT)).toMatchObject({ name: DEFAULT_PROJECT, title: null });
  for (const title of ['All', 'All of us', null]) {
    await projects.change(CALLER, DEFAULT_PROJECT, title);
    expect(await projects.list(CALLER)).toMatchObject([{ name: DEFAULT_PROJECT, title }]);
  }
  await expect(projects.remove(CALLER, DEFAULT_PROJECT)).rejects.toThrow(Conflict);
  await expect(projects.create(CALLER, DEFAULT_PROJECT, null)).rejects.toThrow(Conflict);
});

it('are made, listed by name behind the default one, changed and removed for good', async () => {
  for (const name of ['b', 'a']) await projects.create(CALLER, name, 'Team');
  expect(await names(CALLER)).toEqual([DEFAULT_PROJECT, 'a', 'b']);
  await projects.change(CALLER, 'a', null);
  expect(await projects.find(CALLER, 'a')).toMatchObject({ name: 'a', title: null });
  await projects.remove(CALLER, 'a');
  for (const gone of [projects.find(CALLER, 'a'), projects.change(CALLER, 'a', ''), projects.remove(CALLER, 'a')]) {
    await expect(gone).rejects.toThrow('Expected the name of a project, got a, which names none.');
  }
  expect(await names(CALLER)).toEqual([DEFAULT_PROJECT, 'b']);
  await expect(projects.create(CALLER, 'a', null)).rejects.toThrow('no project has or has had');
});

it('a project in use is not removed', async () => {
  await projects.create(CALLER, 'a', null);
  const spec = sampleSpec({ project: 'a' });
  const process = sampleProcess({ project: 'a' });
  await stores.specs.insert(spec);
  await stores.processes.insert(process);
  await expect(projects.remove(CALLER, 'a')).rejects.toThrow('got a, which has 1 spec.');
  await stores.specs.archive('a', spec.traceId, clock.now());
  await expect(projects.remove(CALLER, 'a')).rejects.toThrow('got a, which has processes that have not ended.');
  await stores.processes.cancel('a', process.traceId, 'Cancelled', clock.now());
  await projects.remove(CALLER, 'a');
});

it('a project that somebody begins to use while it is removed stays', async () => {
  await projects.create(CALLER, 'a', null);
  const update = stores.projects.update.bind(stores.projects);
  stores.projects.update = async (...args) => {
    const updated = await update(...args);
    if (args[1].removed === true) await stores.specs.insert(sampleSpec({ project: 'a' }));
    return updated;
  };
  await expect(projects.remove(CALLER, 'a')).rejects.toThrow(Conflict);
  expect(await names(CALLER)).toEqual([DEFAULT_PROJECT, 'a']);
});

it('whoever acts in one project alone sees no other, and makes and removes none', async () => {
  for (const name of ['a', 'b']) await projects.create(CALLER, name, 'Team');
  expect(await names(bound('a'))).toEqual(['a']);
  expect(await names(bound(DEFAULT_PROJECT))).toEqual([DEFAULT_PROJECT]);
  await projects.change(bound('a'), 'a', 'We');
  const others = ['b', 'none', DEFAULT_PROJECT];
  for (const name of others) {
    await expect(projects.find(bound('a'), name)).rejects.toThrow(NotFound);
    await expect(projects.change(bound('a'), name, null)).rejects.toThrow(NotFound);
    await expect(projects.remove(bound('a'), name)).rejects.toThrow(NotFound);
  }
  await expect(projects.remove(bound('a'), 'a')).rejects.toThrow(Forbidden);
  await expect(projects.create(bound('a'), 'c', null)).rejects.toThrow(Forbidden);
});
