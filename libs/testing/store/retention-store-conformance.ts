import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  Archive,
  Payload,
  ProcessStore,
  ProjectStore,
  RetentionStore,
  SchedulerProcess,
  SdkStore,
  SpecStore,
} from '#core';
import { inlinePayload, newTraceId, PROCESS_OVERHEAD_BYTES } from '#core';
import type { MakeStore, StoreHarness } from './harness.js';
import { CLAIMED, EXECUTED, lease, success } from './process-fixture.js';
import { SAMPLE_TIME, sampleClient, sampleProcess, sampleResponse, sampleSpec } from './samples.js';

const now = SAMPLE_TIME;
const PROJECT = 'default';

/** A RetentionStore and the stores of what it sweeps. */
export interface RetentionStores {
  readonly retention: RetentionStore;
  readonly processes: ProcessStore;
  readonly projects: ProjectStore;
  readonly specs: SpecStore;
  readonly sdks: SdkStore;
}

/** What every RetentionStore must do. */
export function runRetentionStoreConformance(name: string, make: MakeStore<RetentionStores>): void {
  describe(`${name} is a RetentionStore`, () => {
    let harness: StoreHarness<RetentionStores>;
    let retention: RetentionStore;
    let processes: ProcessStore;
    let specs: SpecStore;
    beforeEach(async () => {
      harness = await make();
      ({ retention, processes, specs } = harness.store);
    });
    afterEach(() => harness.close());

    async function waiting(change: Partial<SchedulerProcess> = {}): Promise<string> {
      const process = sampleProcess(change);
      await processes.insert(process);
      return process.traceId;
    }
    async function ended(at: number, body: Payload = inlinePayload('ok'), change: Partial<SchedulerProcess> = {}) {
      const traceId = await waiting({ createdAt: at - 5, updatedAt: at - 5, dueAt: at - 5, ...change });
      const claimed = await processes.claim(traceId, lease('first', at + 60_000), CLAIMED, at);
      await processes.complete(claimed!, success(sampleResponse({ body })), EXECUTED, at);
      return traceId;
    }
    /** In another project, which is gone. */
    async function endedElsewhere(at: number): Promise<string> {
      const project = { name: 'another', title: null, createdAt: now, updatedAt: now, removedAt: now };
      await harness.store.projects.insert(project);
      return ended(at, undefined, { project: 'another' });
    }
    async function old(endedBefore: number, kind: 'oldProcesses' | 'oldResponses' = 'oldProcesses', limit = 100) {
      const found = [];
      let after: string | undefined;
      do {
        const piece = await retention[kind]({ endedBefore, after, limit });
        found.push(...piece.items);
        after = piece.next ?? undefined;
      } while (after !== undefined);
      return found;
    }
    const idsOf = (items: readonly { traceId: string }[]) => items.map(({ traceId }) => traceId);
    async function archives(): Promise<Archive[]> {
      const all: Archive[] = [];
      for await (const archive of retention.archives()) all.push(archive);
      return all;
    }

    describe('old processes', () => {
      it('are those of all projects that ended by then, oldest first, in pieces', async () => {
        const first = await ended(now - 3_000);
        await waiting({ createdAt: now - 2_500, updatedAt: now - 2_500 });
        const second = await ended(now - 2_000);
        const cancelled = await waiting({ createdAt: now - 1_500, updatedAt: now - 1_500 });
        await processes.cancel(PROJECT, cancelled, 'Cancelled', now - 1_400);
        const other = await endedElsewhere(now - 1_200);
        await ended(now);
        for (const limit of [1, 2, 100]) {
          expect(idsOf(await old(now - 1_000, 'oldProcesses', limit))).toEqual([first, second, cancelled, other]);
        }
        expect(idsOf(await old(now - 3_000))).toEqual([first]);
        expect(await old(now - 3_001)).toEqual([]);
      });

      it('that are under way, or ended late, are not', async () => {
        const late = await waiting({ createdAt: now - 9_000, updatedAt: now - 9_000 });
        const claimed = await processes.claim(late, lease(), CLAIMED, now);
        expect(await old(now)).toEqual([]);
        await processes.complete(claimed!, success(), EXECUTED, now);
        expect(await old(now - 1)).toEqual([]);
        expect(idsOf(await old(now))).toEqual([late]);
      });

      it('count with the headers of what was answered to all of their calls', async () => {
        const headers = [['x-long', 'y'.repeat(10_000)]] as const;
        const calls = [1, 2].map((number) => {
          const answered = { status: 503, headers, bytes: 2 };
          return { number, startedAt: now, endedAt: now, worker: 'first', error: 'no', response: answered };
        });
        const traceId = await waiting();
        const claimed = await processes.claim(traceId, lease(), CLAIMED, now);
        const outcome = { ...success(sampleResponse({ headers })), calls };
        await processes.complete(claimed!, outcome, EXECUTED, now);
        const kept = await retention.keptBytes(now);
        expect(kept.requests).toBeGreaterThan(PROCESS_OVERHEAD_BYTES + 20_000);
        expect(kept.responses).toBeGreaterThan(10_000);
        expect(await old(now)).toMatchObject([{ bytes: kept.requests + kept.responses }]);
        await retention.removeProcesses([traceId]);
        expect(await retention.keptBytes(now)).toEqual({ requests: 0, responses: 0 });
      });

      it('are removed with all that is kept of them, and free what they say', async () => {
        const before = await retention.keptBytes(now);
        expect(before).toEqual({ requests: 0, responses: 0 });
        const traceId = await ended(now, inlinePayload('ä'.repeat(500)), {
          reqBody: inlinePayload('b'.repeat(300)),
          queryParams: { q: 'ü😀' },
        });
        const kept = await retention.keptBytes(now);
        expect(kept.requests).toBeGreaterThan(PROCESS_OVERHEAD_BYTES + 300);
        expect(kept.responses).toBeGreaterThan(1_000);
        const [item] = await old(now);
        expect(item).toEqual({ traceId, bytes: kept.requests + kept.responses, blobs: [] });
        expect(await retention.removeProcesses([traceId, newTraceId()])).toBe(1);
        expect(await retention.keptBytes(now)).toEqual(before);
        expect(await processes.find(PROJECT, traceId)).toBeNull();
        expect(await processes.findResponse(PROJECT, traceId)).toBeNull();
        expect(await processes.list(PROJECT, { limit: 10 })).toEqual({ processes: [], next: null });
        expect(await retention.removeProcesses([traceId])).toBe(0);
        expect(await retention.keptBytes(now)).toEqual(before);
      });

      it('name the blobs that are theirs alone', async () => {
        const [traceId, other] = [newTraceId(), newTraceId()];
        const [body, response] = [`bodies/${traceId}`, `responses/${traceId}/1`];
        await ended(now, { blob: response, bytes: 100_000 }, { traceId, reqBody: { blob: body, bytes: 70_000 } });
        await ended(now + 1, { blob: response, bytes: 100_000 }, { traceId: other });
        const [first, second] = await old(now + 1);
        expect(first?.blobs).toEqual([body, response]);
        expect(first?.bytes).toBeGreaterThan(170_000);
        expect(second?.blobs).toEqual([]);
      });

      it('are not removed unless they have ended', async () => {
        const traceId = await waiting();
        const kept = await retention.keptBytes(now);
        expect(await retention.removeProcesses([traceId])).toBe(0);
        expect(await retention.removeResponses([traceId])).toBe(0);
        await processes.claim(traceId, lease(), CLAIMED, now);
        expect(await retention.removeProcesses([traceId])).toBe(0);
        expect(await processes.find(PROJECT, traceId)).not.toBeNull();
        expect(await retention.keptBytes(now)).toEqual(kept);
      });

      it('are each counted once when two remove them at once', async () => {
        const traceIds = [await ended(now), await ended(now + 1)];
        const other = harness.other.retention;
        const counts = await Promise.all([retention.removeProcesses(traceIds), other.removeProcesses(traceIds)]);
        expect(counts[0] + counts[1]).toBe(2);
      });
    });

    describe('old responses', () => {
      it('go before their processes, which stay as they are', async () => {
        const traceId = await ended(now, { blob: `responses/x/1`, bytes: 90_000 });
        const young = await ended(now + 10);
        const process = await processes.find(PROJECT, traceId);
        const all = await retention.keptBytes(now);
        const [item, ...more] = await old(now, 'oldResponses');
        expect([item?.traceId, more, item?.blobs]).toEqual([traceId, [], []]);
        expect(await retention.removeResponses([traceId])).toBe(1);
        expect(await processes.find(PROJECT, traceId)).toStrictEqual(process);
        expect(await processes.findResponse(PROJECT, traceId)).toBeNull();
        expect(await retention.keptBytes(now)).toEqual({ ...all, responses: all.responses - item!.bytes });
        expect(await retention.removeResponses([traceId])).toBe(0);
        expect(idsOf(await old(now + 10, 'oldResponses'))).toEqual([young]);
        const [without] = await old(now);
        await retention.removeProcesses([traceId]);
        const left = await retention.keptBytes(now);
        expect(left).toEqual({ requests: all.requests - without!.bytes, responses: all.responses - item!.bytes });
      });

      it('come in pieces, without those of unended and younger processes', async () => {
        const first = await ended(now - 30);
        await waiting({ createdAt: now - 25, updatedAt: now - 25 });
        const other = await endedElsewhere(now - 20);
        const second = await ended(now - 10);
        await ended(now + 10);
        for (const limit of [1, 2, 100]) {
          expect(idsOf(await old(now, 'oldResponses', limit))).toEqual([first, other, second]);
        }
      });
    });

    describe('archives', () => {
      const blob = (folder: string, n: number): Payload => ({ blob: `${folder}/x/${n}`, bytes: 1_000 * n });

      async function specWithVersions(count: number): Promise<string> {
        const spec = sampleSpec({ document: blob('specs', 1) });
        await specs.insert(spec);
        await saveClient(spec.traceId, 1);
        for (let version = 2; version <= count; version += 1) await change(spec.traceId, version);
        return spec.traceId;
      }
      async function change(traceId: string, version: number): Promise<void> {
        const { revision } = (await specs.find(PROJECT, traceId))!;
        const document = { content: blob('specs', version), hash: String(version).padEnd(64, '0') };
        await specs.update(PROJECT, traceId, revision, { document, requeue: { steps: [] }, now: now + version });
        await saveClient(traceId, version);
      }
      async function saveClient(specTraceId: string, version: number): Promise<void> {
        await specs.saveClient(sampleClient({ specTraceId, version, table: blob('clients', version) }));
      }
      async function serve(traceId: string): Promise<void> {
        const claim = await specs.claim(traceId, 'generate', lease(), [], now);
        await specs.advance(claim!, { status: 'SUCCESS', steps: [], report: blob('reports', 1), release: true }, now);
      }

      it('are the versions that neither serve nor are the newest, since the next one came', async () => {
        const traceId = await specWithVersions(2);
        await serve(traceId);
        await change(traceId, 3);
        await change(traceId, 4);
        const found = (await archives()).sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
        expect(found.map(({ kind, version, since }) => [kind, version, since])).toEqual([
          ['version', 1, now + 2],
          ['version', 3, now + 4],
        ]);
        expect(found[0]?.blobs).toEqual(['specs/x/1', 'clients/x/1']);
        expect(found[0]?.bytes).toBeGreaterThan(2_000);
        expect(await retention.removeArchive(found[0]!)).toBe(true);
        expect(await retention.removeArchive(found[0]!)).toBe(false);
        expect(await specs.findVersion(PROJECT, traceId, 1)).toBeNull();
        expect(await specs.findClient(traceId, 1)).toBeNull();
        expect((await specs.versions(PROJECT, traceId, { limit: 10 })).map(({ version }) => version)).toEqual([
          4, 3, 2,
        ]);
        expect(await retention.removeArchive({ ...found[0]!, version: 2 })).toBe(false);
        expect(await retention.removeArchive({ ...found[0]!, version: 4 })).toBe(false);
        expect((await specs.find(PROJECT, traceId))?.version).toBe(4);
        expect(await specs.findClient(traceId, 2)).not.toBeNull();
      });

      it('are deleted Specs with all their versions', async () => {
        const kept = await specWithVersions(1);
        const traceId = await specWithVersions(2);
        await specs.archive(PROJECT, traceId, now + 9);
        const found = await archives();
        expect(found).toMatchObject([{ kind: 'spec', traceId, since: now + 9 }]);
        expect([...found[0]!.blobs].sort()).toEqual(['clients/x/1', 'clients/x/2', 'specs/x/1', 'specs/x/2']);
        expect(found[0]?.bytes).toBeGreaterThan(6_000);
        expect(await retention.removeArchive(found[0]!)).toBe(true);
        expect(await retention.removeArchive(found[0]!)).toBe(false);
        expect(await archives()).toEqual([]);
        expect(await specs.findClient(traceId)).toBeNull();
        expect(await specs.findClient(kept)).not.toBeNull();
      });

      it('are SDKs that have ended, unless they were asked for again since', async () => {
        const { sdks } = harness.store;
        const ask = async (generator: string) =>
          sdks.ask({ ...{ traceId: newTraceId(), project: PROJECT, specTraceId: 'Spec', version: 1 }, generator }, now);
        await ask('python');
        const claim = await sdks.claim(lease(), now);
        expect(await archives()).toEqual([]);
        await sdks.finish(claim!, { archive: blob('sdks', 5) }, now + 3);
        await ask('ruby');
        const failed = await sdks.claim(lease(), now);
        await sdks.finish(failed!, { error: 'No.' }, now + 4);
        const found = await archives();
        expect(found.find(({ bytes }) => bytes > 0)).toEqual({
          ...{ kind: 'sdk', traceId: claim!.traceId, since: now + 3, bytes: 5_000, blobs: ['sdks/x/5'] },
        });
        const failure = found.find(({ bytes }) => bytes === 0)!;
        await ask('ruby');
        expect(await retention.removeArchive(failure)).toBe(false);
        expect(await retention.removeArchive(found.find(({ bytes }) => bytes > 0)!)).toBe(true);
        expect(await sdks.find(PROJECT, 'Spec', 'python')).toBeNull();
      });

      it('are all given, however many there are', async () => {
        const traceIds = [];
        for (let n = 0; n < 60; n += 1) {
          const { traceId } = sampleSpec();
          await specs.insert(sampleSpec({ traceId }));
          await specs.archive(PROJECT, traceId, now);
          traceIds.push(traceId);
        }
        expect((await archives()).map(({ traceId }) => traceId).sort()).toEqual(traceIds.sort());
      });
    });

    it('tells which blobs nothing names any more', async () => {
      const done = newTraceId();
      await ended(now, { blob: `responses/${done}/2`, bytes: 90_000 }, { traceId: done });
      const under = await waiting();
      const spec = sampleSpec();
      const document = `specs/${spec.traceId}/a`;
      await specs.insert({ ...spec, document: { blob: document, bytes: 9 } });
      const table = `clients/${spec.traceId}/1/2/operations.json`;
      await specs.saveClient(sampleClient({ specTraceId: spec.traceId, table: { blob: table, bytes: 9 } }));
      const named = [`responses/${done}/2`, `bodies/${under}`, `responses/${under}/1`, document, table];
      const unnamed = [
        ...[`responses/${done}/1`, `bodies/${done}`, `bodies/${newTraceId()}`, `responses/${newTraceId()}/1`],
        ...[`specs/${spec.traceId}/b`, `clients/${spec.traceId}/1/1/operations.json`, `sdks/${newTraceId()}/1/x/1.zip`],
      ];
      const found = await retention.unnamed([...named, ...unnamed, 'uploads/whatever', 'else']);
      expect(found.sort()).toEqual(unnamed.sort());
      await specs.archive(PROJECT, spec.traceId, now);
      expect(await retention.unnamed(named)).toEqual([]);
    });
  });
}
