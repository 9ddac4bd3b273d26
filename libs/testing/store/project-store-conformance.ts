import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Project, ProjectStore } from '#core';
import { MOST_PROJECTS, newTraceId } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { SAMPLE_TIME, UNSTORABLE_TEXTS } from './samples.js';

const now = SAMPLE_TIME;

function sampleProject(change: Partial<Project> = {}): Project {
  const name = newTraceId().toLowerCase();
  return { name, title: 'Team A', createdAt: now, updatedAt: now, removedAt: null, ...change };
}

/** What every ProjectStore must do. */
export function runProjectStoreConformance(name: string, make: MakeStore<ProjectStore>): void {
  describe(`${name} is a ProjectStore`, () => {
    let harness: StoreHarness<ProjectStore>;
    let store: ProjectStore;
    beforeEach(async () => {
      harness = await make();
      store = harness.store;
    });
    afterEach(() => harness.close());

    it('gives a project as it was kept, whatever its title', async () => {
      for (const title of [...UNSTORABLE_TEXTS, 'Team A', '', null]) {
        const project = sampleProject({ title });
        await store.insert(project);
        expect(await harness.other.find(project.name)).toEqual(project);
      }
      for (const text of UNSTORABLE_TEXTS) expect(await store.find(text)).toBeNull();
    });

    it('lists all by name, those that were removed too', async () => {
      const [b, a] = [sampleProject({ name: 'b' }), sampleProject({ name: 'a', removedAt: now + 1 })];
      await Promise.all([b, a].map((project) => store.insert(project)));
      expect(await harness.other.list()).toEqual([a, b]);
    });

    it('of two of one name one is kept, and none after it is gone', async () => {
      const project = sampleProject();
      const inserting = [store.insert(project), harness.other.insert(project)];
      const settled = await Promise.allSettled(inserting);
      expect(settled.filter(({ status }) => status === 'rejected')).toMatchObject([
        { reason: { code: 'PROJECT_NAME_TAKEN' } },
      ]);
      await store.update(project.name, { removed: true }, now + 1);
      await expect(store.insert(project)).rejects.toMatchObject({ code: 'PROJECT_NAME_TAKEN' });
    });

    it('changes a title, and nothing that is not said', async () => {
      const project = sampleProject();
      await store.insert(project);
      const changed = { ...project, title: null, updatedAt: now + 1 };
      expect(await store.update(project.name, { title: null }, now + 1)).toEqual(changed);
      expect(await harness.other.find(project.name)).toEqual(changed);
      expect(await store.update(project.name, {}, now + 2)).toEqual({ ...changed, updatedAt: now + 2 });
      expect(await store.update('none', { title: 'A' }, now)).toBeNull();
    });

    it('removes a project once, and takes that back', async () => {
      const project = sampleProject();
      await store.insert(project);
      expect(await store.update(project.name, { removed: false }, now)).toBeNull();
      const removing = [store, harness.other].map((each) => each.update(project.name, { removed: true }, now + 1));
      expect((await Promise.all(removing)).filter(Boolean)).toEqual([
        { ...project, updatedAt: now + 1, removedAt: now + 1 },
      ]);
      expect(await store.update(project.name, { title: 'B' }, now + 2)).toBeNull();
      expect(await store.update(project.name, { removed: false }, now + 3)).toEqual({ ...project, updatedAt: now + 3 });
    });

    it('keeps so many and no more, those that were removed left out', async () => {
      const all = Array.from({ length: MOST_PROJECTS }, () => sampleProject());
      await Promise.all([sampleProject({ removedAt: now }), ...all].map((project) => store.insert(project)));
      await expect(store.insert(sampleProject())).rejects.toMatchObject({ code: 'TOO_MANY_PROJECTS' });
      await store.update(all[0]?.name ?? '', { removed: true }, now);
      await store.insert(sampleProject());
      expect(await store.list()).toHaveLength(MOST_PROJECTS + 2);
    });
  });
}
