import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStores } from '#adapters';
import { CALLER, eventually, FakeClock } from '#testing';
import { RefusalTally } from './refusal-tally.js';

function refused(from: string, change: object = {}): FastifyRequest {
  const routeOptions = { url: '/v1/api/spec', config: { need: { scope: 'manage', audits: 'spec.create' } } };
  return { headers: {}, method: 'POST', routeOptions, from, ...change } as unknown as FastifyRequest;
}

describe('refusals', () => {
  let clock: FakeClock;
  let folder: string;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let tally: RefusalTally;

  beforeEach(async () => {
    clock = new FakeClock();
    folder = await mkdtemp(join(tmpdir(), 'callboard-tally-'));
    stores = await openSqliteStores({ folder, clock });
    const addressOf = (request: FastifyRequest) => (request as unknown as { from: string }).from;
    tally = new RefusalTally(stores.audit, clock, { addressOf, onFault: () => undefined });
    tally.start();
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  async function told() {
    const { records } = await stores.audit.list('default', { limit: 1_000 });
    return records.map(({ who, action, target, from, outcome }) => [who, action, target, from, outcome?.count ?? 1]);
  }
  async function untilTold(count: number) {
    await eventually(`${count} records`, async () => (await told()).length === count);
    return told();
  }

  it('are told at once, and then how many there were in each minute', async () => {
    for (let times = 0; times < 1_000; times += 1) tally.note(refused('192.0.2.1'));
    expect(await untilTold(1)).toEqual([['nobody', 'login', null, '192.0.2.1', 1]]);
    await clock.advance(60_000);
    expect(await untilTold(2)).toContainEqual(['nobody', 'login', null, '192.0.2.1', 999]);
    await clock.advance(60_000);
    expect(await told()).toHaveLength(2);
    await tally.close();
  });

  it('of a credential tell what it tried', async () => {
    tally.note(refused('192.0.2.1', { principal: CALLER }));
    expect(await untilTold(1)).toEqual([[CALLER.id, 'spec.create', 'POST /v1/api/spec', '192.0.2.1', 1]]);
    await tally.close();
  });

  it('fill no disk, from however many addresses they come', async () => {
    for (let index = 0; index < 50_000; index += 1) tally.note(refused(`192.0.2.${index}`));
    await untilTold(20);
    await tally.close();
    expect(await told()).toHaveLength(21);
    expect(await told()).toContainEqual(['nobody', 'login', null, 'further addresses', 49_980]);
  });

  it('that were counted are kept when the process ends', async () => {
    tally.note(refused('192.0.2.1'));
    tally.note(refused('192.0.2.1'));
    await untilTold(1);
    await tally.close();
    await tally.close();
    expect((await told()).map((each) => each[4]).sort()).toEqual([1, 1]);
  });
});
