import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStores } from '#adapters';
import type { ApiKey, ApiKeyStore } from '#core';
import { CALLER, callerOf, eventually, FakeClock, sampleSpec } from '#testing';
import { ApiKeys } from './api-keys.js';

describe('API keys', () => {
  const clock = new FakeClock();
  let folder: string;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let finds: number;
  let keys: ApiKeys;

  /** Another process of the installation. */
  function another(): ApiKeys {
    const counted = new Proxy<ApiKeyStore>(stores.apiKeys, {
      get: (store, name: keyof ApiKeyStore) => {
        if (name === 'find') finds += 1;
        return store[name].bind(store);
      },
    });
    return new ApiKeys(counted, stores.keys, stores.specs, clock);
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-keys-'));
    stores = await openSqliteStores({ folder, clock });
    finds = 0;
    keys = another();
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  function make(change: object = {}): Promise<{ key: ApiKey; text: string }> {
    return keys.make(CALLER, { name: 'ci', scopes: ['read'], ...change });
  }

  it('let in who has one, and only its hash is kept', async () => {
    const { key, text } = await make();
    expect(text).toMatch(/^cb_[A-Za-z0-9]{16}_[0-9a-f]{56}$/);
    expect(await keys.check(text)).toEqual(key);
    expect(JSON.stringify(await stores.apiKeys.find(null, key.traceId))).not.toContain(text.slice(20));
  });

  it('are looked up once a second at most, however many come at once', async () => {
    const { text } = await make();
    await Promise.all(Array.from({ length: 50 }, async () => keys.check(text)));
    await keys.check(text);
    expect(finds).toBe(1);
    await clock.advance(1_001);
    await keys.check(text);
    expect(finds).toBe(2);
  });

  it('that are made up are refused without a look, alike for unknown keys and wrong secrets', async () => {
    const { key, text } = await make();
    const wrong = `cb_${key.traceId}_${'0'.repeat(56)}`;
    const tampered = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
    const unknown = `cb_UnknownUnknown00_${'0'.repeat(56)}`;
    for (const given of [wrong, tampered, unknown, 'cb_', '', key.hash]) expect(await keys.check(given)).toBeNull();
    expect(finds).toBe(0);
  });

  it('that are revoked let nobody in, at once here and within a second elsewhere', async () => {
    const { key, text } = await make();
    const other = another();
    expect(await other.check(text)).toEqual(key);
    await keys.revoke(CALLER, key.traceId);
    expect(await keys.check(text)).toBeNull();
    await clock.advance(1_001);
    expect(await other.check(text)).toBeNull();
    await expect(keys.revoke(CALLER, key.traceId)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it('that were revoked are no way to have the database asked again and again', async () => {
    const { key, text } = await make();
    await keys.revoke(CALLER, key.traceId);
    for (let times = 0; times < 10; times += 1) expect(await keys.check(text)).toBeNull();
    expect(finds).toBe(1);
  });

  it('let nobody in from their end on', async () => {
    const { key, text } = await make({ expiresAt: clock.now() + 500 });
    expect(await keys.check(text)).toEqual(key);
    await clock.advance(500);
    expect(await keys.check(text)).toBeNull();
    await expect(make({ expiresAt: clock.now() })).rejects.toMatchObject({ code: 'EXPIRY_PAST' });
  });

  it('that end make none that outlives them', async () => {
    const expiresAt = clock.now() + 60_000;
    const ending = { ...CALLER, expiresAt };
    const makeBy = (end?: number) => keys.make(ending, { name: 'ci', scopes: ['read'], expiresAt: end });
    for (const end of [undefined, expiresAt + 1]) {
      await expect(makeBy(end)).rejects.toMatchObject({ code: 'EXPIRY_LATER' });
    }
    expect((await makeBy(expiresAt)).key.expiresAt).toBe(expiresAt);
  });

  it('grant no scope that their maker lacks, and are for Specs that it sees', async () => {
    const maker = { ...CALLER, scopes: new Set(['read', 'admin'] as const) };
    await expect(keys.make(maker, { name: 'x', scopes: ['read', 'manage'] })).rejects.toThrow(
      'Expected scopes that whoever makes the key has itself, got manage.',
    );
    const [own, foreign] = [sampleSpec(), sampleSpec({ project: 'another' })];
    await stores.specs.insert(own);
    await stores.specs.insert(foreign);
    expect((await make({ specs: [own.traceId] })).key.specs).toEqual([own.traceId]);
    await expect(make({ specs: [foreign.traceId] })).rejects.toMatchObject({ code: 'SPEC_UNKNOWN' });
  });

  it('of another project are not there', async () => {
    const { key, text } = await make();
    const stranger = callerOf('another');
    expect(await keys.list(stranger)).toEqual([]);
    await expect(keys.find(stranger, key.traceId)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await expect(keys.revoke(stranger, key.traceId)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await clock.advance(1_001);
    expect(await keys.check(text)).toEqual(key);
  });

  it('note their use, once a minute', async () => {
    const { key, text } = await make();
    const lastUse = async () => (await stores.apiKeys.find(null, key.traceId))?.lastUsedAt;
    const first = clock.now();
    await keys.check(text);
    await eventually('the use to be noted', async () => (await lastUse()) === first);
    await clock.advance(59_999);
    await keys.check(text);
    expect(await lastUse()).toBe(first);
    await clock.advance(1);
    await keys.check(text);
    await eventually('the next use to be noted', async () => (await lastUse()) === first + 60_000);
  });
});
