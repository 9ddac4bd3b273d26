import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { inlinePayload } from '#core';
import { KeyRing } from '#encryption';
import { logBatch, sampleProcess, sampleResponse, sampleSpec, SAMPLE_TIME, SECRET } from '#testing';
import { FilesystemBlobStore } from '../blobs/filesystem/index.js';
import { FIRST, open, rewrite, runRewritingConformance } from './rewriting.test-kit.js';
import type { RewritingHarness } from './rewriting.test-kit.js';

async function make(): Promise<RewritingHarness & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-rewriting-'));
  return {
    folder,
    env: { CALLBOARD_DATA_DIR: folder },
    rawBlobs: new FilesystemBlobStore({ folder: join(folder, 'blobs') }),
    close: () => rm(folder, { recursive: true }),
  };
}

runRewritingConformance('The embedded backends', make);

/** What SQLite has removed since it was listed, as it does when a database has been closed, holds nothing. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

describe('The embedded database, rewritten', () => {
  async function withHarness(run: (harness: RewritingHarness & { folder: string }) => Promise<void>): Promise<void> {
    const harness = await make();
    try {
      await run(harness);
    } finally {
      await harness.close();
    }
  }

  async function written(folder: string): Promise<string> {
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map(({ parentPath, name }) => textOf(join(parentPath, name))));
    return texts.join('\n');
  }

  it('holds nothing plain of an older release any more, not even where nothing is', async () => {
    await withHarness(async (harness) => {
      const { folder } = harness;
      const adapters = await open(harness, FIRST);
      const process = sampleProcess({ reqBody: inlinePayload(`${SECRET}-body`) });
      await adapters.processes.insert(process);
      const lease = { owner: 'worker', until: SAMPLE_TIME + 60_000 };
      const claimed = await adapters.processes.claim(process.traceId, lease, [], SAMPLE_TIME);
      await adapters.processes.complete(claimed!, { status: 'SUCCESS', response: sampleResponse() }, [], SAMPLE_TIME);
      const spec = sampleSpec();
      await adapters.specs.insert(spec);
      await adapters.logs.append(logBatch({ message: 'm', req_body: 'x' }));
      const before = await adapters.retention.keptBytes(SAMPLE_TIME);
      await adapters.close();
      storePlain(folder);
      await harness.rawBlobs.put('bodies/old', Buffer.from(`${SECRET}-blob`));
      expect(await written(folder)).toContain(SECRET);

      const told = await rewrite(harness, FIRST, 'plain');
      expect(told.unreadable).toEqual([]);
      expect(told.rewritten).toBeGreaterThanOrEqual(5);
      expect(await written(folder)).not.toContain(SECRET);

      const again = await open(harness, FIRST);
      expect(await again.processes.find(null, process.traceId)).toMatchObject({
        headers: { a: `${SECRET}-header` },
        reqBody: inlinePayload(`${SECRET}-body`),
      });
      expect(await again.processes.findResponse(process.project, process.traceId)).toMatchObject({
        headers: [['a', `${SECRET}-answer`]],
      });
      expect(await again.specs.find(null, spec.traceId)).toMatchObject({
        headers: { a: `${SECRET}-spec` },
        document: inlinePayload(`${SECRET}-document`),
      });
      expect(await again.logs.latest(1)).toEqual([{ message: 'm', req_body: `${SECRET}-log` }]);
      const opened = await again.blobs.open('bodies/old');
      expect(Buffer.concat(await opened!.stream.toArray()).toString()).toBe(`${SECRET}-blob`);
      // As much is kept as if all had been encrypted from the start, but for the words that differ.
      const after = await again.retention.keptBytes(SAMPLE_TIME);
      expect(after.requests).toBeGreaterThan(0);
      expect(Math.abs(after.requests - before.requests)).toBeLessThan(200);
      await again.close();
      expect(await rewrite(harness, FIRST, 'plain')).toMatchObject({ rewritten: 0 });
    });
  });

  it('is not rewritten while another process has it', async () => {
    await withHarness(async (harness) => {
      const adapters = await open(harness, FIRST);
      await expect(rewrite(harness, `${KeyRing.newKey()},${FIRST}`)).rejects.toThrow('but another process is using it');
      await adapters.close();
    });
  });

  it('needs keys that are there: none are made', async () => {
    await withHarness(async (harness) => {
      await expect(rewrite(harness, '')).rejects.toThrow('Expected keys in CALLBOARD_ENCRYPTION_KEY, or a key file in');
      expect(await readdir(harness.folder)).toEqual([]);
    });
  });
});

/** All as a release without encryption has stored it. */
function storePlain(folder: string): void {
  const main = new Database(join(folder, 'callboard.db'));
  const request = JSON.stringify({
    ...{ kind: 'call', service: 'filmot', method: 'GET', endpoint: '/x', headers: { a: `${SECRET}-header` } },
    ...{ queryParams: null, urlParams: null, reqBody: { bytes: `${SECRET}-body`.length } },
  });
  main.prepare('UPDATE process SET request = ?').run([request]);
  main.prepare('UPDATE process_body SET content = ?').run([Buffer.from(`${SECRET}-body`)]);
  const head = { status: 200, cache: 'MISS', headers: [['a', `${SECRET}-answer`]], body: { bytes: 2 } };
  main.prepare('UPDATE process_response SET head = ?, content = ?').run([JSON.stringify(head), Buffer.from('{}')]);
  const document = Buffer.from(`${SECRET}-document`);
  const ref = JSON.stringify({ bytes: document.length });
  main
    .prepare('UPDATE spec SET headers = ?, document_ref = ?, document = ?')
    .run([JSON.stringify({ a: `${SECRET}-spec` }), ref, document]);
  main.prepare('UPDATE spec_version SET document_ref = ?, document = ?').run([ref, document]);
  // What it has deleted is still in pages of the file that are free.
  const insert = main.prepare('INSERT INTO process_body (process_id, content) VALUES (?, ?)');
  for (let id = 1_000; id < 1_100; id++) insert.run([id, Buffer.alloc(20_000, `${SECRET}-removed `)]);
  main.exec('DELETE FROM process_body WHERE process_id >= 1000');
  main.exec(`DELETE FROM shared_key WHERE name = '+encryption'`);
  main.close();
  const logs = new Database(join(folder, 'logs.db'));
  logs.prepare('UPDATE log SET record = ?').run([JSON.stringify({ message: 'm', req_body: `${SECRET}-log` })]);
  logs.close();
}
