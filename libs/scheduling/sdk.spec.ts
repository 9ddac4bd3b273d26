import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FilesystemBlobStore, InProcessBus, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { NotFound, NotInstalled, Permanent, Unavailable } from '#core';
import type { Sdk, Spec } from '#core';
import { SdkInstallation } from '#openapi';
import type { WantedArchive } from '#openapi';
import { CALLER, FakeClock, sampleClient, sampleSpec } from '#testing';
import { AskForSdk } from './ask-for-sdk.js';
import { FindSdk } from './find-sdk.js';
import { FindSpec } from './find-spec.js';
import { Herald } from './herald.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MakeSdk } from './make-sdk.js';
import { PayloadStore } from './payload-store.js';

const LEASE_MS = 30_000;
const INSTALLED = { java: { program: '/java', major: 17 }, jar: '/jar', generators: ['go', 'java', 'python'] };

let folder: string;
let stores: SqliteStores;
let clock: FakeClock;
let blobs: FilesystemBlobStore;
let ask: AskForSdk;
let find: FindSdk;
let make: MakeSdk;
/** What OpenAPI Generator does next: gives a zip or fails. */
let generate: (wanted: WantedArchive) => Promise<Readable>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-sdk-verbs-'));
  clock = new FakeClock();
  stores = await openSqliteStores({ folder, clock });
  blobs = new FilesystemBlobStore({ folder: join(folder, 'blobs') });
  await blobs.prepare();
  const { specs, sdks } = stores;
  const payloads = new PayloadStore(blobs);
  const findSpec = new FindSpec(specs);
  const installation = { find: () => Promise.resolve(INSTALLED) };
  ask = new AskForSdk(findSpec, sdks, installation, new Herald(new InProcessBus({ clock }), clock), clock);
  find = new FindSdk(findSpec, sdks, installation, payloads);
  const leases = new LeaseKeeper({ name: 'sdk leases', clock, leaseMs: LEASE_MS, renew: async () => [] });
  generate = async ({ yaml, generator }) => Readable.from([`${generator} of ${await text(yaml)}`]);
  const maker = {
    make: async <T>(wanted: WantedArchive, keep: (zip: Readable) => Promise<T>) => keep(await generate(wanted)),
  };
  make = new MakeSdk(specs, sdks, maker, payloads, blobs, leases, clock, 'me');
});
afterEach(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

/** A Spec with a reviewed client. */
async function servingSpec(): Promise<Spec> {
  const spec = sampleSpec({ name: 'the pets', servingVersion: 1, status: 'SUCCESS' });
  await stores.specs.insert(spec);
  await stores.specs.saveClient(sampleClient({ specTraceId: spec.traceId }));
  return spec;
}
async function askedFor(): Promise<Sdk> {
  return ask.execute(CALLER, (await servingSpec()).traceId, 'go');
}
async function claimed(): Promise<Sdk> {
  const sdk = await make.claim();
  if (!sdk) throw new Error('Expected an SDK to be claimed.');
  return sdk;
}
const run = async (sdk: Sdk): Promise<void> => make.run(sdk, new AbortController().signal);
const now = ({ specTraceId, generator }: Sdk): Promise<Sdk> => find.execute(CALLER, specTraceId, generator);

describe('an SDK that is asked for', () => {
  it('waits, is made of the version that serves, and can be downloaded', async () => {
    const asked = await askedFor();
    expect(asked).toMatchObject({ status: 'WAITING', version: 1, generator: 'go' });
    expect(await find.open(CALLER, asked)).toBeNull();
    await run(await claimed());
    const made = await now(asked);
    expect(made).toMatchObject({ status: 'SUCCESS', traceId: asked.traceId });
    const zip = await find.open(CALLER, made);
    expect(zip?.name).toBe('the-pets-go.zip');
    expect(zip && (await text(zip.stream))).toBe('go of openapi: 3.1.0');
    expect(await ask.execute(CALLER, asked.specTraceId, 'go')).toStrictEqual(made);
    expect(await make.claim()).toBeNull();
  });

  it('is refused without a Spec, a reviewed client or such a generator', async () => {
    const pending = sampleSpec();
    await stores.specs.insert(pending);
    await expect(ask.execute(CALLER, 'NoSpecNoSpecNoSp', 'go')).rejects.toBeInstanceOf(NotFound);
    await expect(ask.execute(CALLER, pending.traceId, 'go')).rejects.toMatchObject({ code: 'SPEC_NOT_SERVING' });
    await expect(ask.execute(CALLER, pending.traceId, 'pyton')).rejects.toThrow('such as python, ');
    await expect(find.execute(CALLER, pending.traceId, 'go')).rejects.toMatchObject({ code: 'SDK_NOT_FOUND' });
  });

  it('is refused where nothing can make it, which a list of them tells too', async () => {
    const spec = await servingSpec();
    const bare = new SdkInstallation({ path: '', jar: join(folder, 'no.jar') });
    const herald = new Herald(new InProcessBus({ clock }), clock);
    const refused = new AskForSdk(new FindSpec(stores.specs), stores.sdks, bare, herald, clock);
    await expect(refused.execute(CALLER, spec.traceId, 'go')).rejects.toBeInstanceOf(NotInstalled);
    const listed = new FindSdk(new FindSpec(stores.specs), stores.sdks, bare, new PayloadStore(blobs));
    const choice = await listed.choice(CALLER, spec.traceId);
    expect(choice).toMatchObject({ generators: [], sdks: [] });
    expect(choice.missing).toContain('Java 11 or newer');
  });
});

describe('an SDK in the making', () => {
  it.each([
    new Permanent('SDK_FAULT', 'Expected less.'),
    new NotInstalled('SDK_TOOLS_MISSING', 'Making SDKs needs Java.'),
  ])('ends in ERROR with its sentence, and begins anew when asked for again: $name', async (error) => {
    const asked = await askedFor();
    generate = () => Promise.reject(error);
    await run(await claimed());
    expect(await now(asked)).toMatchObject({ status: 'ERROR', error: error.message });
    expect(await ask.execute(CALLER, asked.specTraceId, 'go')).toMatchObject({
      status: 'WAITING',
      traceId: asked.traceId,
    });
  });

  it('ends in ERROR when its Spec was removed meanwhile', async () => {
    const { specTraceId, project } = await askedFor();
    await stores.specs.archive(project, specTraceId, clock.now());
    await run(await claimed());
    expect((await stores.sdks.list(project, specTraceId))[0]).toMatchObject({
      status: 'ERROR',
      error: 'The spec was removed before its SDK was made.',
    });
  });

  it('is begun anew when its lease has ended, where a backend did not answer', async () => {
    const asked = await askedFor();
    generate = () => Promise.reject(new Unavailable('BLOBS_AWAY', 'The store is away.'));
    await expect(run(await claimed())).rejects.toBeInstanceOf(Unavailable);
    expect(await now(asked)).toMatchObject({ status: 'IN_PROGRESS' });
    expect(await make.claim()).toBeNull();
    await clock.advance(LEASE_MS + 1);
    expect(await make.claim()).toMatchObject({ traceId: asked.traceId, attempt: 2 });
  });

  it('changes nothing and keeps nothing when another worker has taken it over', async () => {
    const asked = await askedFor();
    const late = await claimed();
    await clock.advance(LEASE_MS + 1);
    const { attempt } = await claimed();
    await run(late);
    expect(await now(asked)).toMatchObject({ status: 'IN_PROGRESS', attempt });
    expect(await blobs.open(`sdks/${asked.specTraceId}/1/go/${late.attempt}.zip`)).toBeNull();
  });
});
