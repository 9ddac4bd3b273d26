import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemBlobStore, InProcessBus, openSqliteStores } from '#adapters';
import { Unavailable } from '#core';
import type { Spec } from '#core';
import { CALLER, FakeClock } from '#testing';
import { ChangeSpec } from './change-spec.js';
import { Herald } from './herald.js';
import { PayloadStore } from './payload-store.js';
import { RegisterSpec } from './register-spec.js';

describe('changing a Spec', () => {
  let folder: string;
  let stores: Awaited<ReturnType<typeof openSqliteStores>>;
  let bus: InProcessBus;
  let herald: Herald;
  let payloads: PayloadStore;
  let register: RegisterSpec;
  let change: ChangeSpec;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-change-'));
    const clock = new FakeClock();
    bus = new InProcessBus({ clock });
    herald = new Herald(bus, clock);
    stores = await openSqliteStores({ folder: join(folder, 'data'), clock });
    payloads = new PayloadStore(new FilesystemBlobStore({ folder: join(folder, 'blobs') }));
    register = new RegisterSpec(stores.specs, payloads, herald, clock);
    change = new ChangeSpec(stores.specs, payloads, herald, clock);
  });
  afterEach(async () => {
    await bus.close();
    await stores.close();
    await rm(folder, { recursive: true });
  });

  async function versions(traceId: string): Promise<string[]> {
    const found = await stores.specs.versions('default', traceId, { limit: 10 });
    return Promise.all(found.map(async ({ document }) => (await payloads.read(document)).toString()));
  }
  async function blobs(): Promise<number> {
    const entries = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).length;
  }

  it('to a name that is taken keeps nothing of the document, and every earlier one', async () => {
    await register.execute(CALLER, { name: 'taken', headers: {}, document: Buffer.from('other') });
    const traceId = await register.execute(CALLER, { name: 'own', headers: {}, document: Buffer.from('one') });
    await change.execute(CALLER, traceId, { document: Buffer.from('two') });
    for (const document of ['one', 'two', 'three']) {
      const refused = change.execute(CALLER, traceId, { name: 'taken', document: Buffer.from(document) });
      await expect(refused).rejects.toMatchObject({ code: 'SPEC_NAME_TAKEN' });
    }
    expect(await versions(traceId)).toEqual(['two', 'one']);
    expect(await blobs()).toBe(3);
  });

  it('back to an earlier document makes a version of its own', async () => {
    const traceId = await register.execute(CALLER, { name: 'own', headers: {}, document: Buffer.from('one') });
    for (const document of ['two', 'one', 'one'])
      await change.execute(CALLER, traceId, { document: Buffer.from(document) });
    expect(await versions(traceId)).toEqual(['one', 'two', 'one']);
    expect(await blobs()).toBe(3);
  });

  it('with what was shown masked leaves that as it was', async () => {
    const headers = { Authorization: 'Bearer s3cret', 'x-old': '1' };
    const url = 'https://user:s3cret@service/v1';
    const traceId = await register.execute(CALLER, { name: 'own', headers, url, document: Buffer.from('one') });
    const shown = { authorization: 'xxxx', 'x-new': '2' };
    await change.execute(CALLER, traceId, { headers: shown, url: 'https://xxxx@service/v1' });
    expect(await stores.specs.find('default', traceId)).toMatchObject({
      headers: { authorization: 'Bearer s3cret', 'x-new': '2' },
      url,
    });
  });

  it('by several at once loses none of their documents', async () => {
    const traceId = await register.execute(CALLER, { name: 'own', headers: {}, document: Buffer.from('0') });
    const documents = ['1', '2', '3', '4', '5'];
    await Promise.all(
      documents.map((document) => change.execute(CALLER, traceId, { document: Buffer.from(document) })),
    );
    expect((await versions(traceId)).sort()).toEqual(['0', ...documents]);
    expect(await blobs()).toBe(6);
  });

  it('by many at once refuses none of them', async () => {
    const traceId = await register.execute(CALLER, { name: 'own', headers: {}, document: Buffer.from('0') });
    const documents = Array.from({ length: 60 }, (_, i) => String(i + 1));
    await Promise.all(
      documents.map((document) => change.execute(CALLER, traceId, { document: Buffer.from(document) })),
    );
    expect(await stores.specs.find('default', traceId)).toMatchObject({ version: 61 });
  });

  it('whose end is not known keeps the document', async () => {
    const traceId = await register.execute(CALLER, { name: 'own', headers: {}, document: Buffer.from('one') });
    const unsure = Object.create(stores.specs, {
      update: {
        value: async (...change: Parameters<typeof stores.specs.update>): Promise<Spec | null> => {
          await stores.specs.update(...change);
          throw new Unavailable('DATABASE_UNREACHABLE', 'Expected an answer in time.');
        },
      },
    }) as typeof stores.specs;
    const lost = new ChangeSpec(unsure, payloads, herald, new FakeClock());
    await expect(lost.execute(CALLER, traceId, { document: Buffer.from('two') })).rejects.toThrow(Unavailable);
    expect(await versions(traceId)).toEqual(['two', 'one']);
  });
});
