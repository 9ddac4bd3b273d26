import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#config';
import type { Config } from '#config';
import { DEFAULT_PROJECT, newTraceId } from '#core';
import type { BlobStore } from '#core';
import { KeyRing } from '#encryption';
import { SAMPLE_TIME, SecretContents } from '#testing';
import type { Adapters } from '../open-adapters.js';
import { openAdapters } from '../open-adapters.js';
import { SystemClock } from '../clock/index.js';
import { rewriteStored } from './rewrite-stored.js';
import type { RewriteOptions, RewriteResult } from './rewrite-stored.js';

export interface RewritingHarness {
  /** What a process of its own installation is configured with, but for the keys. */
  readonly env: Readonly<Record<string, string>>;
  /** Its blobs as they are stored. */
  readonly rawBlobs: BlobStore;
  close(): Promise<void>;
}

const clock = new SystemClock();
export const [FIRST, SECOND] = [KeyRing.newKey(), KeyRing.newKey()];
const large = Buffer.alloc(200_000, 's3cret-blob ');

function configOf({ env }: RewritingHarness, keys: string): Config {
  return loadConfig({ role: 'standalone', env: { ...env, CALLBOARD_ENCRYPTION_KEY: keys }, file: '' });
}

/** The backends with keys, once they answer; rejects when they never will. */
export async function open(harness: RewritingHarness, keys: string): Promise<Adapters> {
  const lost = new AbortController();
  const silent = () => undefined;
  const told = { print: silent, warn: silent, onConnected: silent, onFault: silent };
  const onLost = (error: unknown) => lost.abort(error);
  const adapters = await openAdapters(configOf(harness, keys), { clock, ...told, onLost });
  try {
    // Backends that are servers are connected to in the background.
    for (let isThere = false; !isThere;) {
      lost.signal.throwIfAborted();
      await clock.sleep(10, lost.signal);
      isThere = await adapters.projects.list().then(
        () => true,
        () => false,
      );
    }
    return adapters;
  } catch (error) {
    await adapters.close();
    throw error;
  }
}

export function rewrite(
  harness: RewritingHarness,
  keys: string,
  what: 'all' | 'plain' = 'all',
  onProgress: RewriteOptions['onProgress'] = () => undefined,
): Promise<RewriteResult> {
  return rewriteStored(configOf(harness, keys), what, { clock, onProgress });
}

async function bytesOf(blobs: BlobStore, name: string): Promise<Buffer> {
  const opened = await blobs.open(name);
  if (!opened) throw new Error(`Expected a blob ${name}, got none.`);
  return Buffer.concat((await opened.stream.toArray()) as Buffer[]);
}

/** What rewriting does on every backend. */
export function runRewritingConformance(name: string, make: () => Promise<RewritingHarness>): void {
  describe(`${name}, rewritten`, () => {
    let harness: RewritingHarness;
    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.close());

    async function filled(keys: string): Promise<SecretContents> {
      const adapters = await open(harness, keys);
      const contents = new SecretContents();
      await contents.store(adapters);
      const { spec } = contents;
      const old = { ...spec, traceId: newTraceId(), name: `old-${spec.name}` };
      await adapters.specs.insert(old);
      await adapters.specs.archive(DEFAULT_PROJECT, old.traceId, SAMPLE_TIME);
      await adapters.blobs.put('bodies/one', large);
      await adapters.close();
      return contents;
    }

    it('needs only the new key, and gives back all it was given', async () => {
      const contents = await filled(FIRST);
      await expect(open(harness, SECOND)).rejects.toThrow('Expected CALLBOARD_ENCRYPTION_KEY');
      const seen = new Set<string>();
      const told = await rewrite(harness, `${SECOND},${FIRST}`, 'all', ({ part, rewritten }) => {
        if (rewritten > 0) seen.add(part);
      });
      expect(told).toMatchObject({ unreadable: [] });
      expect([...seen].sort()).toEqual(
        expect.arrayContaining([
          'Specs',
          'blobs',
          'clients',
          'dead messages',
          'deleted Specs',
          'log records',
          'processes',
        ]),
      );
      const adapters = await open(harness, SECOND);
      await contents.expectIn(adapters);
      expect(await bytesOf(adapters.blobs, 'bodies/one')).toEqual(large);
      await adapters.close();
      await expect(open(harness, FIRST)).rejects.toThrow('Expected CALLBOARD_ENCRYPTION_KEY');
      expect(await rewrite(harness, SECOND)).toMatchObject({ rewritten: 0, unreadable: [] });
    });

    it('leaves what an old key has encrypted where only plain values are to be encrypted', async () => {
      await filled(FIRST);
      expect(await rewrite(harness, `${SECOND},${FIRST}`, 'plain')).toMatchObject({ rewritten: 0, unreadable: [] });
      await expect(open(harness, SECOND)).rejects.toThrow('Expected CALLBOARD_ENCRYPTION_KEY');
    });

    it('keeps the keys that are needed by what cannot be read, and names that', async () => {
      const contents = await filled(FIRST);
      const sealed = await bytesOf(harness.rawBlobs, 'bodies/one');
      const bytes = Buffer.concat([sealed.subarray(0, -1), Buffer.from([(sealed.at(-1) ?? 0) ^ 1])]);
      await harness.rawBlobs.put('bodies/one', bytes);
      const { unreadable } = await rewrite(harness, `${SECOND},${FIRST}`);
      expect(unreadable).toEqual([
        'Expected the blob bodies/one to be encrypted for its place by a known key, got bytes that were changed, cut or moved.',
      ]);
      await expect(open(harness, SECOND)).rejects.toThrow('Expected CALLBOARD_ENCRYPTION_KEY');
      const adapters = await open(harness, `${SECOND},${FIRST}`);
      await contents.expectIn(adapters);
      await adapters.close();
    });

    it('is refused without a key that is needed, and changes nothing then', async () => {
      const contents = await filled(FIRST);
      await expect(rewrite(harness, SECOND)).rejects.toThrow('Expected CALLBOARD_ENCRYPTION_KEY');
      const adapters = await open(harness, FIRST);
      await contents.expectIn(adapters);
      await adapters.close();
    });
  });
}
