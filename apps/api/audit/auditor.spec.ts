import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStores } from '#adapters';
import { NotFound, Unavailable } from '#core';
import type { AuditStore } from '#core';
import { CALLER, FakeClock, sampleSpec } from '#testing';
import { Auditor } from './auditor.js';

/** As far as the auditor looks at it. */
const REQUEST = {
  principal: CALLER,
  headers: { 'user-agent': 'a'.repeat(1_000) },
  routeOptions: { config: { need: { scope: 'manage', someSpecs: false, audits: 'spec.change' } } },
} as unknown as FastifyRequest;

describe('the auditor', () => {
  const clock = new FakeClock();
  let folder: string;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let faults: unknown[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-audit-'));
    stores = await openSqliteStores({ folder, clock });
    faults = [];
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  /** @param broken which methods of its store the database is away for */
  function auditor(broken: readonly (keyof AuditStore)[] = []): Auditor {
    const store = new Proxy(stores.audit, {
      get: (audit, name: keyof AuditStore) =>
        broken.includes(name)
          ? () => Promise.reject(new Unavailable('DATABASE_UNREACHABLE', 'away'))
          : audit[name].bind(audit),
    });
    const onFault = (error: unknown) => void faults.push(error);
    return new Auditor(store, stores.specs, clock, { addressOf: () => '192.0.2.7', onFault });
  }
  async function records() {
    return (await stores.audit.list('default', { limit: 100 })).records;
  }

  it('keeps an action before it is done, and its outcome after that', async () => {
    let during: unknown;
    const result = await auditor().record(REQUEST, { target: 'x' }, async () => {
      during = await records();
      await clock.advance(5);
      return 7;
    });
    expect(result).toBe(7);
    const [record] = await records();
    expect(during).toEqual([{ ...record, outcome: null }]);
    expect(record).toMatchObject({ who: CALLER.id, action: 'spec.change', target: 'x', from: '192.0.2.7' });
    expect(record?.agent).toHaveLength(200);
    expect(record?.outcome).toEqual({ kind: 'done', at: (record?.at ?? 0) + 5 });
  });

  it('lets nothing be done that it cannot keep', async () => {
    let isDone = false;
    const doing = auditor(['append']).record(REQUEST, { target: 'x' }, async () => (isDone = true));
    await expect(doing).rejects.toBeInstanceOf(Unavailable);
    expect(isDone).toBe(false);
  });

  it('says of what was done that it was, even where its outcome cannot be kept', async () => {
    expect(await auditor(['end']).record(REQUEST, { target: 'x' }, async () => 7)).toBe(7);
    expect(faults).toHaveLength(1);
    expect((await records())[0]?.outcome).toBeNull();
  });

  it('tells a fault, and only that, where what came of it cannot be told', async () => {
    const fault = new Error('no words for it');
    const tell = () => {
      throw fault;
    };
    expect(await auditor().record(REQUEST, { target: 'x' }, async () => 7, tell)).toBe(7);
    expect(faults).toEqual([fault]);
    expect((await records())[0]?.outcome?.kind).toBe('done');
  });

  it('tells what failed, and leaves open what may have been done', async () => {
    const fail = (error: Error) => auditor().record(REQUEST, { target: 'x' }, () => Promise.reject(error));
    await expect(fail(new NotFound('X', 'Expected x.'))).rejects.toThrow('Expected x.');
    await clock.advance(1);
    await expect(fail(new Unavailable('X', 'away'))).rejects.toThrow('away');
    await clock.advance(1);
    await expect(fail(new Error('a secret'))).rejects.toThrow('a secret');
    const outcomes = (await records()).map(({ outcome }) => outcome && [outcome.kind, outcome.reason]);
    expect(outcomes).toEqual([['failed', 'Something went wrong inside Callboard.'], null, ['failed', 'Expected x.']]);
  });

  it('tells what of a Spec has changed, and of secrets only which', async () => {
    const credentials = { key: { value: 'secret-1' }, other: { token: 'secret-2' } };
    const spec = sampleSpec({
      ...{ name: 'a', url: 'https://u:secret-3@example.com/', credentials },
      headers: { same: 'secret-4', changed: 'secret-5', removed: 'secret-6' },
    });
    await stores.specs.insert(spec);
    await auditor().changeOfSpec(REQUEST, spec.traceId, async () => {
      await stores.specs.update('default', spec.traceId, spec.revision, {
        ...{ name: 'b', url: 'https://u:secret-7@example.com/', now: clock.now() },
        ...{ headers: { same: 'secret-4', changed: 'secret-8', added: 'secret-9' }, limits: { concurrency: 2 } },
      });
    });
    const [record] = await records();
    expect(record?.before).toMatchObject({
      name: 'a',
      headers: ['changed', 'removed', 'same'],
      credentials: ['key', 'other'],
    });
    expect(record?.outcome?.after).toMatchObject({
      ...{ name: 'b', limits: { concurrency: 2 } },
      headers: { changed: 'changed', removed: 'removed', added: 'added' },
    });
    expect(record?.outcome?.after).toHaveProperty('url');
    expect(record?.outcome?.after).not.toHaveProperty('credentials');
    expect(JSON.stringify(record)).not.toContain('secret-');
  });
});
