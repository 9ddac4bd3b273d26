import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { FilesystemBlobStore, InProcessBus, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { PROCESS_STEPS, Unavailable } from '#core';
import type { ProcessStore } from '#core';
import {
  CheckProcess,
  ClientSource,
  FindProcess,
  Herald,
  PayloadStore,
  PrepareCall,
  ProcessWatch,
  ReleaseProcesses,
  ScheduleProcess,
  SubmitOnce,
  WaitForEnd,
} from '#scheduling';
import { CALLER, eventually, FakeClock, sampleResponse } from '#testing';
import { HeaderView } from '../http/header-view.js';
import { SchedulerProcessController } from './scheduler-process.controller.js';

const CALL = { service: 'service', method: 'POST', endpoint: '/a' };
const AWAY = new Unavailable('DATABASE_AWAY', 'away');

let folder: string;
let clock: FakeClock;
let bus: InProcessBus;
let stores: SqliteStores;
let server: FastifyInstance;
let address: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-controller-'));
  clock = new FakeClock();
  bus = new InProcessBus({ clock });
  stores = await openSqliteStores({ folder: join(folder, 'data'), clock });
  const { specs, processes, idempotency, keys } = stores;
  const blobs = new FilesystemBlobStore({ folder: join(folder, 'blobs') });
  const payloads = new PayloadStore(blobs);
  const herald = new Herald(bus, clock);
  const release = new ReleaseProcesses(specs, processes, herald, clock);
  const controller = new SchedulerProcessController(
    processes,
    new CheckProcess(specs, new ClientSource(specs, payloads), new PrepareCall(payloads, blobs)),
    new ScheduleProcess(specs, processes, payloads, release, herald, clock),
    new FindProcess(processes),
    new SubmitOnce(idempotency, keys, clock),
    new WaitForEnd(new ProcessWatch(processes, clock), clock),
    payloads,
    clock,
    new HeaderView('plain'),
  );
  server = fastify();
  server.post('/', (request, reply) => controller.create(CALLER, CALL as never, 'wait=10', request, reply));
  address = await server.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await server.close();
  await bus.close();
  await stores.close();
  await rm(folder, { recursive: true });
});

/** Ends the one process that there is, with an answer. */
async function end(): Promise<string> {
  const [process] = (await stores.processes.list('default', { limit: 1 })).processes;
  if (!process) throw new Error('Expected a process.');
  const lease = { owner: 'me', until: clock.now() + 30_000 };
  const claim = await stores.processes.claim(process.traceId, lease, [], clock.now());
  const steps = [PROCESS_STEPS.executed];
  await stores.processes.complete(claim!, { status: 'SUCCESS', response: sampleResponse() }, steps, clock.now());
  return process.traceId;
}

it('answers a POST with the end of its process, where that comes in time', async () => {
  const answered = fetch(address, { method: 'POST' });
  await eventually('a process', async () => (await stores.processes.countUnended(1)) === 1);
  const traceId = await end();
  const { status, headers } = await answered;
  const names = ['preference-applied', 'x-cache', 'content-location'];
  const location = `/v1/api/scheduler/process/${traceId}/response`;
  expect([status, ...names.map((name) => headers.get(name))]).toEqual([200, 'wait=10', 'MISS', location]);
});

it.each<keyof ProcessStore>(['find', 'findResponse'])(
  'answers that a process is accepted where its end cannot be read, for which nobody may send it again (%s)',
  async (reading) => {
    const answered = fetch(address, { method: 'POST' });
    await eventually('a process', async () => (await stores.processes.countUnended(1)) === 1);
    jest.spyOn(stores.processes, reading).mockRejectedValueOnce(AWAY as never);
    const traceId = await end();
    const answer = await answered;
    expect([answer.status, await answer.json()]).toMatchObject([200, { trace_id: traceId, status: 'WAITING' }]);
    const names = ['preference-applied', 'x-cache', 'content-location'];
    expect(names.filter((name) => answer.headers.has(name))).toEqual([]);
  },
);
