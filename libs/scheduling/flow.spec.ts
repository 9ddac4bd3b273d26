import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemBlobStore, InProcessBus, MemoryFlowControl, MemoryResponseCache, openSqliteStores } from '#adapters';
import type { SqliteStores } from '#adapters';
import { HttpCaller } from '#client-runtime';
import { DEFAULT_PROJECT, inlinePayload, MESSAGE_TYPES, NotFound, RETRY_REASONS, SPEC_STEPS, Unavailable } from '#core';
import type { Message, MessageType, OperationTable, ProcessStore, SchedulerProcess } from '#core';
import { CALLER, eventually, FakeClock, sampleProcess } from '#testing';
import { ArchiveSpec } from './archive-spec.js';
import { CancelProcess } from './cancel-process.js';
import { BreakerWatch } from './breaker-watch.js';
import { CallOperation } from './call-operation.js';
import { ChangeSpec } from './change-spec.js';
import { ClientSource } from './client-source.js';
import { CompleteProcess, decodeOutcome } from './complete-process.js';
import { DriftCheck } from './drift-check.js';
import { DueTimer } from './due-timer.js';
import { ExecuteProcess } from './execute-process.js';
import { FindProcess } from './find-process.js';
import { Gate } from './gate.js';
import { Gatekeeper } from './gatekeeper.js';
import { Herald } from './herald.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LEASE_LOST } from './lease-lost.js';
import type { CallObserver } from './observers.js';
import { OutcomeKeeper } from './outcome-keeper.js';
import { PayloadStore } from './payload-store.js';
import { Reconciler } from './reconcile.js';
import { RegisterSpec } from './register-spec.js';
import { ReleaseProcesses } from './release-processes.js';
import { ReplayDeadLetters } from './replay-dead-letters.js';
import { ReplayProcess } from './replay-process.js';
import { ScheduleProcess } from './schedule-process.js';
import { TryCall } from './try-call.js';

const SILENT: CallObserver = {
  started: () => undefined,
  held: () => undefined,
  breaker: () => undefined,
  triedLater: () => undefined,
  ended: () => undefined,
};
const ENDS_OF_SPECS = { SUCCESS: undefined, ERROR: 'Expected a document.' } as const;

/** The verbs on real embedded backends and a real service; messages are taken from the bus by hand. */
class World {
  readonly clock = new FakeClock();
  readonly bus = new InProcessBus({ clock: this.clock });
  readonly messages: Message[] = [];
  readonly faults: unknown[] = [];
  /** Processes whose end was handed over for good. */
  readonly ended: string[] = [];
  /** Whether the database takes no ends of processes. */
  isAway = false;
  private readonly cache = new MemoryResponseCache({ clock: this.clock, maxBytes: 1_000_000 });
  private readonly caller = new HttpCaller();
  readonly payloads: PayloadStore;
  readonly release: ReleaseProcesses;
  readonly register: RegisterSpec;
  readonly change: ChangeSpec;
  readonly archive: ArchiveSpec;
  readonly schedule: ScheduleProcess;
  readonly cancel: CancelProcess;
  readonly replay: ReplayProcess;
  readonly replayLetters: ReplayDeadLetters;
  readonly complete: CompleteProcess;
  readonly leases: LeaseKeeper;
  readonly outcomes: OutcomeKeeper;
  readonly execute: ExecuteProcess;
  readonly reconciler: Reconciler;

  constructor(
    readonly folder: string,
    readonly stores: SqliteStores,
    readonly service: Server,
  ) {
    const { specs, processes, keys } = stores;
    const { clock, bus } = this;
    const blobs = new FilesystemBlobStore({ folder: join(folder, 'blobs') });
    const herald = new Herald(bus, clock);
    this.payloads = new PayloadStore(blobs);
    this.release = new ReleaseProcesses(specs, processes, herald, clock);
    this.register = new RegisterSpec(specs, this.payloads, herald, clock);
    this.change = new ChangeSpec(specs, this.payloads, herald, clock);
    this.archive = new ArchiveSpec(specs, this.release, herald, clock);
    this.schedule = new ScheduleProcess(specs, processes, this.payloads, this.release, herald, clock);
    const find = new FindProcess(processes);
    this.cancel = new CancelProcess(processes, find, clock);
    this.replay = new ReplayProcess(find, this.schedule, this.payloads, stores.deadLetters);
    this.replayLetters = new ReplayDeadLetters(stores.deadLetters, this.replay, bus);
    this.complete = new CompleteProcess(specs, this.takingNoEnds(processes), clock);
    const clients = new ClientSource(specs, this.payloads);
    const call = new CallOperation(clients, this.caller, this.cache, keys, this.payloads, blobs, clock, {
      cacheTtlSeconds: 60,
      defaultTimeoutMs: 10_000,
      responseMaxBytes: 1_000_000,
    });
    const onFault = (_: string, error: unknown) => void this.faults.push(error);
    const tries = new TryCall(processes, call, new DriftCheck(clients, this.payloads), this.payloads, clock, {
      owner: 'me',
      retry: { attempts: 3, firstPauseMs: 1_000, longestPauseMs: 60_000, on: RETRY_REASONS, unsafe: false },
      longestWaitMs: 60_000,
      onFault,
      random: () => 0.5,
    });
    const flow = new MemoryFlowControl(clock);
    const breakers = new BreakerWatch(flow, clock, {
      policy: { failures: 20, openMs: 5_000, longestOpenMs: 60_000 },
      probeMs: 30_000,
      everyMs: 500,
    });
    const gatekeeper = new Gatekeeper(specs, processes, flow, breakers, herald, clock, {
      everyMs: 500,
      repeatMs: 30_000,
      onFault: (error) => void this.faults.push(error),
    });
    this.leases = new LeaseKeeper({
      name: 'leases',
      clock,
      leaseMs: 30_000,
      renew: (claims, until) => processes.renew(claims, until),
    });
    this.outcomes = new OutcomeKeeper(this.complete, bus, this.leases, clock, {
      patienceMs: 30_000,
      onFault,
      observer: { ...SILENT, ended: ({ traceId }) => void this.ended.push(traceId) },
    });
    this.execute = new ExecuteProcess(
      specs,
      processes,
      tries,
      this.outcomes,
      this.release,
      new Gate(flow, breakers, 30_000, gatekeeper),
      this.leases,
      herald,
      clock,
      'me',
      onFault,
    );
    this.reconciler = new Reconciler(specs, processes, this.release, herald, clock, {
      everyMs: 5_000,
      graceMs: 5_000,
      repeatMs: 30_000,
      onFault: (error) => void this.faults.push(error),
    });
  }

  /** Takes every message there is from the bus. */
  async collect(): Promise<void> {
    for (const type of MESSAGE_TYPES) {
      await this.bus.consume(type, { prefetch: 1_000 }, async (message) => {
        this.messages.push(message);
        return { kind: 'ack' };
      });
    }
  }

  traceIds(type: MessageType): string[] {
    return this.messages.filter((message) => message.type === type).map(({ traceId }) => traceId);
  }

  /** What the worker's generating and reviewing would write. */
  async endSpec(traceId: string, status: 'SUCCESS' | 'ERROR'): Promise<void> {
    const { specs } = this.stores;
    const now = this.clock.now();
    const lease = { owner: 'me', until: now + 30_000 };
    const spec = await specs.claim(traceId, 'generate', lease, [SPEC_STEPS.received], now);
    if (!spec) throw new Error('Expected a Spec that waits.');
    const { port } = this.service.address() as AddressInfo;
    const table: OperationTable = {
      format: 1,
      title: 'service',
      documentVersion: '1',
      servers: [{ url: `http://127.0.0.1:${port}` }],
      securitySchemes: {},
      operations: ['GET', 'POST'].map((method) => {
        return { method, path: '/a', template: '/a', parameters: [], security: [], accepts: [] };
      }),
    };
    const empty = inlinePayload('');
    await specs.saveClient({
      specTraceId: traceId,
      project: spec.project,
      version: spec.version,
      yaml: empty,
      table: inlinePayload(JSON.stringify(table)),
      types: empty,
      summary: empty,
      schemas: inlinePayload('{"format":1,"$defs":{},"schemas":[],"responses":[],"operations":{}}'),
      createdAt: now,
    });
    for (const step of status === 'ERROR' ? [status] : (['READY_YAML', 'READY_CLIENT', status] as const)) {
      await specs.advance(
        spec,
        { status: step, steps: [], error: ENDS_OF_SPECS[status], release: step === status },
        now,
      );
    }
    await this.release.execute(traceId);
  }

  /** Lets a worker look at a process, as its message would, and stores what comes of it. */
  async work(traceId: string): Promise<SchedulerProcess | null> {
    const claimed = await this.execute.claim(traceId);
    if (claimed) await this.execute.run(claimed, new AbortController().signal);
    await this.outcomes.settled();
    return this.stores.processes.find(null, traceId);
  }

  /** What the lease watch does: the second look asks of what the first has seen. */
  async watch(): Promise<void> {
    for (let look = 0; look < 2; look++) {
      await this.leases.look((claims) => this.stores.processes.held(claims));
    }
  }

  /** The trace ids of the dead letters, newest first. */
  async letters(): Promise<string[]> {
    const { letters } = await this.stores.deadLetters.list(DEFAULT_PROJECT, { limit: 100 });
    return letters.map(({ traceId }) => traceId);
  }

  /** What a worker does with the outcomes that it is told over the bus. */
  async storeTold(): Promise<void> {
    await settled();
    for (const { type, traceId, data } of this.messages.splice(0)) {
      if (type !== 'SCHEDULER_PROCESS_RESPONSE') continue;
      const { attempt, outcome } = decodeOutcome(data);
      await this.complete.execute({ traceId, attempt }, outcome);
      this.outcomes.letGo({ traceId, attempt });
    }
  }

  private takingNoEnds(processes: ProcessStore): ProcessStore {
    const complete: ProcessStore['complete'] = (...end) =>
      this.isAway ? Promise.reject(new Unavailable('DATABASE_AWAY', 'away')) : processes.complete(...end);
    return new Proxy(processes, {
      get: (store, name: keyof ProcessStore) => (name === 'complete' ? complete : store[name].bind(store)),
    });
  }

  async close(): Promise<void> {
    await this.caller.close();
    await this.bus.close();
    await this.stores.close();
    this.service.closeAllConnections();
    await new Promise((resolve) => this.service.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const document = Buffer.from('{}');
const call = { service: 'Service', method: 'get', endpoint: '/a' };
const unavailable = 'The command could not be executed because the service requested (service) is not available.';

describe('a process and its Spec', () => {
  let world: World;
  let calls: number;

  beforeEach(async () => {
    calls = 0;
    const folder = await mkdtemp(join(tmpdir(), 'callboard-flow-'));
    const service = createServer((_request, response) => {
      calls += 1;
      response.end(`answer ${calls}`);
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const clock = new FakeClock();
    world = new World(folder, await openSqliteStores({ folder: join(folder, 'data'), clock }), service);
    await world.collect();
  });

  afterEach(async () => {
    expect(world.faults).toEqual([]);
    await world.close();
  });

  it('a process waits for its Spec, unsent, and runs when that is ready', async () => {
    const specId = await world.register.execute(CALLER, { name: 'Service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, call);
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([]);
    expect(await world.execute.claim(id)).toBeNull();
    await world.endSpec(specId, 'SUCCESS');
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS', method: 'GET', service: 'service' });
  });

  it('a process whose Spec ends in ERROR ends in ERROR', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, call);
    await world.endSpec(specId, 'ERROR');
    expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: unavailable });
  });

  it('a deletion ends what waits, and a later Spec of the same name never receives it', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, call);
    await world.archive.execute(CALLER, specId);
    const later = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    await world.endSpec(later, 'SUCCESS');
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
    expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: unavailable });
    expect(calls).toBe(0);
  });

  it('a process that is bound to a Spec of another project calls nothing', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    await world.endSpec(specId, 'SUCCESS');
    const process = sampleProcess({ project: 'another', specTraceId: specId, service: 'service', endpoint: '/a' });
    await world.stores.processes.insert({ ...process, dueAt: world.clock.now() });
    expect(await world.work(process.traceId)).toMatchObject({ status: 'ERROR', error: unavailable });
    expect(calls).toBe(0);
  });

  it('a replay goes to the Spec of the call that it makes again, though another has taken its name', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const credentials = { key: { value: 'for service alone' } };
    const id = await world.schedule.execute(CALLER, { ...call, credentials });
    await world.endSpec(specId, 'ERROR');
    expect(await world.work(id)).toMatchObject({ status: 'ERROR' });
    await world.change.execute(CALLER, specId, { name: 'renamed' });
    const taker = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const bound = async () => {
      const replay = await world.replay.execute(CALLER, id);
      return (await world.stores.processes.find(null, replay))?.specTraceId;
    };
    expect(await bound()).toBe(specId);
    await world.archive.execute(CALLER, specId);
    expect(await bound()).toBe(taker);
  });

  it('what is stored is accepted, and a deletion is done, though what follows cannot be looked after yet', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const { specs, processes } = world.stores;
    const away = new Unavailable('DATABASE_AWAY', 'away');
    const looking = jest.spyOn(specs, 'find').mockRejectedValueOnce(away);
    const id = await world.schedule.execute(CALLER, call);
    expect(await processes.find(null, id)).toMatchObject({ status: 'WAITING', dueAt: null });
    looking.mockRestore();
    const releasing = jest.spyOn(processes, 'release').mockRejectedValueOnce(away);
    await world.archive.execute(CALLER, specId);
    releasing.mockRestore();
    expect(await specs.find(null, specId)).toBeNull();
    await world.reconciler.runOnce();
    expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: unavailable });
  });

  it('a process of an unknown service ends in ERROR even when the service comes later', async () => {
    const id = await world.schedule.execute(CALLER, call);
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: unavailable });
  });

  it('a rename keeps what is bound to the Spec', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, call);
    await world.change.execute(CALLER, specId, { name: 'other' });
    await world.endSpec(specId, 'SUCCESS');
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
  });

  it('the last good version goes on serving while a new document is generated, and when that fails', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    await world.endSpec(specId, 'SUCCESS');
    await world.change.execute(CALLER, specId, { document: Buffer.from('{"other": 1}') });
    const meanwhile = await world.schedule.execute(CALLER, call);
    expect(await world.work(meanwhile)).toMatchObject({ status: 'SUCCESS', specVersion: 1 });
    await world.endSpec(specId, 'ERROR');
    const afterwards = await world.schedule.execute(CALLER, call);
    expect(await world.work(afterwards)).toMatchObject({ status: 'SUCCESS', specVersion: 1 });
  });

  it('a process runs on the newest reviewed version when it starts', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    await world.endSpec(specId, 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    await world.change.execute(CALLER, specId, { document: Buffer.from('{"other": 1}') });
    await world.endSpec(specId, 'SUCCESS');
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS', specVersion: 2 });
  });

  it('a process that has begun on a version keeps it', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    await world.endSpec(specId, 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const claimed = await world.execute.claim(id);
    const now = world.clock.now();
    await world.stores.processes.handBack(claimed!.process, { dueAt: now, steps: [], specVersion: 1 }, now);
    await world.change.execute(CALLER, specId, { document: Buffer.from('{"other": 1}') });
    await world.endSpec(specId, 'SUCCESS');
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS', specVersion: 1 });
  });

  describe('calls that fail', () => {
    const post = { ...call, method: 'post' };
    let answer: (request: IncomingMessage, response: ServerResponse) => void;

    beforeEach(async () => {
      world.service.removeAllListeners('request');
      world.service.on('request', (request: IncomingMessage, response: ServerResponse) => {
        calls += 1;
        answer(request, response);
      });
      await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    });
    const fail = (status: number) => (_: IncomingMessage, response: ServerResponse) => response.writeHead(status).end();

    it('are made again later, until one goes well', async () => {
      answer = fail(500);
      const id = await world.schedule.execute(CALLER, call);
      const begun = world.clock.now();
      expect(await world.work(id)).toMatchObject({ status: 'IN_PROGRESS', nextCallAt: begun + 500 });
      expect(await world.execute.claim(id)).toBeNull();
      world.clock.jump(begun + 500);
      expect(await world.work(id)).toMatchObject({ status: 'IN_PROGRESS', nextCallAt: begun + 1_500 });
      world.clock.jump(begun + 1_500);
      answer = fail(204);
      const ended = await world.work(id);
      expect(ended).toMatchObject({
        status: 'SUCCESS',
        calls: [{ number: 1 }, { number: 2 }, { number: 3, worker: 'me' }],
      });
      expect(ended?.calls?.map(({ response }) => response?.status)).toEqual([500, 500, 204]);
      expect(calls).toBe(3);
    });

    it('keep the headers that were answered only as long as a document can hold them', async () => {
      const long = 'x'.repeat(14_000);
      const headers = Object.fromEntries([1, 2, 3, 4].map((number) => [`x-${number}`, long]));
      answer = (_, response) => response.writeHead(503, headers).end();
      const retry = { attempts: 100, firstPauseMs: 1, longestPauseMs: 1 };
      const id = await world.schedule.execute(CALLER, { ...call, retry });
      const claimed = await world.execute.claim(id);
      const record = { number: 1, startedAt: 0, endedAt: 0, worker: 'me', error: 'no' };
      const response = { status: 503, headers: Object.entries(headers), bytes: 0 };
      const calls = Array.from({ length: 19 }, (_, index) => ({ ...record, number: index + 1, response }));
      const now = world.clock.now();
      await world.stores.processes.tryLater(claimed!.process, { at: now, calls, specVersion: 1 }, now);
      world.leases.letGo(claimed!.process);
      const after = await world.work(id);
      const sizes = (after?.calls ?? []).map((each) => JSON.stringify(each.response?.headers ?? []).length);
      expect(sizes).toHaveLength(20);
      expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(1.1 * 1024 * 1024);
      expect(after?.calls?.at(-1)).toMatchObject({ number: 20, response: { status: 503, headers: [] } });
    });

    it('are made again in the trace of their process', async () => {
      const traceContext = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'c=1' };
      const seen: unknown[] = [];
      answer = ({ headers }, response) => {
        seen.push([headers.traceparent, headers.tracestate]);
        response.writeHead(seen.length === 1 ? 500 : 204).end();
      };
      const id = await world.schedule.execute(CALLER, { ...call, traceContext });
      await world.work(id);
      world.clock.jump(world.clock.now() + 500);
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
      const own = Object.values(traceContext);
      expect(seen).toEqual([own, own]);
    });

    it('end their process when they are used up, or cannot go better', async () => {
      answer = fail(500);
      const used = await world.schedule.execute(CALLER, { ...call, retry: { attempts: 1 } });
      expect(await world.work(used)).toMatchObject({ status: 'ERROR', calls: [{ number: 1 }] });
      answer = fail(404);
      const wrong = await world.schedule.execute(CALLER, call);
      expect(await world.work(wrong)).toMatchObject({ status: 'ERROR' });
      expect(await world.letters()).toEqual([used]);
    });

    it('make a dead letter of their process with the last of its attempts, and not before', async () => {
      answer = fail(503);
      const id = await world.schedule.execute(CALLER, call);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect(await world.letters()).toEqual([]);
        await world.work(id);
        world.clock.jump(world.clock.now() + 60_000);
      }
      const { letters } = await world.stores.deadLetters.list(DEFAULT_PROJECT, { limit: 1 });
      const reason = 'Error executing API call: API call failed: 503 Service Unavailable';
      expect(letters).toMatchObject([{ kind: 'process', traceId: id, service: 'service', attempts: 3, reason }]);
    });

    it('are replayed once, however many ask at once, and the letter goes', async () => {
      answer = fail(503);
      const ids = [];
      for (let count = 0; count < 3; count += 1) {
        const id = await world.schedule.execute(CALLER, { ...call, retry: { attempts: 1 }, cache: { mode: 'off' } });
        await world.work(id);
        ids.push(id);
      }
      const bulk = { dryRun: false, limit: 1_000 };
      expect(await world.replayLetters.execute(CALLER, { ...bulk, dryRun: true })).toMatchObject({
        matched: 3,
        done: 0,
      });
      expect(await world.replayLetters.execute(CALLER, { ...bulk, service: 'another' })).toMatchObject({
        matched: 0,
        done: 0,
      });
      world.messages.length = 0;
      const results = await Promise.all([1, 2, 3].map(() => world.replayLetters.execute(CALLER, bulk)));
      expect(results.reduce((sum, { done }) => sum + done, 0)).toBe(3);
      expect(results.reduce((sum, { failed }) => sum + failed, 0)).toBe(0);
      expect(await world.letters()).toEqual([]);
      await settled();
      const replayed = await Promise.all(
        world.traceIds('SCHEDULER_PROCESS').map((id) => world.stores.processes.find(null, id)),
      );
      expect(replayed.map((process) => process?.replayOf).sort()).toEqual(ids.sort());
    });

    it('that were replayed before the letter could be taken away are not replayed again', async () => {
      answer = fail(503);
      const id = await world.schedule.execute(CALLER, { ...call, retry: { attempts: 1 } });
      await world.work(id);
      world.messages.length = 0;
      const { deadLetters } = world.stores;
      const dying = Object.assign(Object.create(deadLetters) as typeof deadLetters, {
        remove: () => Promise.reject(new Unavailable('AWAY', 'The process has died.')),
      });
      const bulk = { dryRun: false, limit: 10 };
      await expect(new ReplayDeadLetters(dying, world.replay, world.bus).execute(CALLER, bulk)).rejects.toThrow(
        'has died',
      );
      expect(await world.letters()).toEqual([id]);
      expect(await world.replayLetters.execute(CALLER, bulk)).toEqual({ matched: 1, done: 0, failed: 0, next: null });
      expect(await world.letters()).toEqual([]);
      await settled();
      expect(world.traceIds('SCHEDULER_PROCESS')).toHaveLength(1);
    });

    it('are no dead letter any more once their process is replayed by name', async () => {
      answer = fail(503);
      const id = await world.schedule.execute(CALLER, { ...call, retry: { attempts: 1 } });
      await world.work(id);
      await world.replay.execute(CALLER, id);
      expect(await world.letters()).toEqual([]);
    });

    it('are not made twice where the service may have acted', async () => {
      answer = fail(500);
      const acted = await world.schedule.execute(CALLER, post);
      expect(await world.work(acted)).toMatchObject({ status: 'ERROR', calls: [{ number: 1 }] });
      answer = (request) => request.socket.destroy();
      const broken = await world.schedule.execute(CALLER, post);
      expect(await world.work(broken)).toMatchObject({ status: 'ERROR' });
      expect(calls).toBe(2);
    });

    it('are made again where it certainly has not, where a key says so, and where that is allowed', async () => {
      answer = fail(429);
      const refused = await world.schedule.execute(CALLER, post);
      expect(await world.work(refused)).toMatchObject({ status: 'IN_PROGRESS' });
      answer = fail(500);
      const keyed = await world.schedule.execute(CALLER, { ...post, headers: { 'Idempotency-Key': 'one' } });
      expect(await world.work(keyed)).toMatchObject({ status: 'IN_PROGRESS' });
      const allowed = await world.schedule.execute(CALLER, { ...post, retry: { unsafe: true } });
      expect(await world.work(allowed)).toMatchObject({ status: 'IN_PROGRESS' });
    });

    it('are not made twice where a redirect says that the service has acted, whatever comes behind it', async () => {
      const behind = (status: number, location: string) => (request: IncomingMessage, response: ServerResponse) => {
        if (request.url === '/a') response.writeHead(status, { location }).end();
        else response.writeHead(503, { 'retry-after': '0' }).end();
      };
      answer = behind(303, '/result');
      expect(await world.work(await world.schedule.execute(CALLER, post))).toMatchObject({ status: 'ERROR' });
      answer = behind(302, 'http://127.0.0.1:1/');
      expect(await world.work(await world.schedule.execute(CALLER, post))).toMatchObject({ status: 'ERROR' });
      answer = behind(307, '/elsewhere');
      expect(await world.work(await world.schedule.execute(CALLER, post))).toMatchObject({ status: 'IN_PROGRESS' });
      answer = behind(308, 'http://127.0.0.1:1/');
      expect(await world.work(await world.schedule.execute(CALLER, post))).toMatchObject({ status: 'IN_PROGRESS' });
    });

    it('with the same key in each attempt', async () => {
      const keys: unknown[] = [];
      answer = (request, response) => {
        keys.push(request.headers['idempotency-key']);
        response.writeHead(keys.length === 1 ? 500 : 200).end();
      };
      const id = await world.schedule.execute(CALLER, { ...post, headers: { 'Idempotency-Key': 'one' } });
      const { nextCallAt } = (await world.work(id)) ?? {};
      world.clock.jump(nextCallAt ?? 0);
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
      expect(keys).toEqual(['one', 'one']);
    });

    it('that were under way when their worker died are not made again, but end unknown', async () => {
      let arrived = false;
      answer = () => void (arrived = true);
      const id = await world.schedule.execute(CALLER, post);
      const claimed = await world.execute.claim(id);
      const dying = new AbortController();
      void world.execute.run(claimed!, dying.signal);
      await eventually('the call at the service', () => arrived);
      world.leases.letGo(claimed!.process);
      world.clock.jump(world.clock.now() + 31_000);
      answer = fail(200);
      const ended = await world.work(id);
      expect(ended).toMatchObject({ status: 'ERROR', error: expect.stringContaining('outcome unknown') });
      expect(await world.letters()).toEqual([id]);
      expect(calls).toBe(1);
      dying.abort();
    });

    it('whose note is written and not answered for are sent once, and do not end unknown', async () => {
      const { processes } = world.stores;
      const noteSending = processes.noteSending.bind(processes);
      let notes = 0;
      processes.noteSending = async (claim) => {
        notes += 1;
        const isNoted = await noteSending(claim);
        if (notes === 1) throw new Unavailable('DATABASE_UNREACHABLE', 'Expected an answer.');
        return isNoted;
      };
      answer = fail(200);
      const id = await world.schedule.execute(CALLER, post);
      const working = world.work(id);
      await eventually('the note that is not answered for', () => world.clock.sleeping > 0);
      await world.clock.advance(1_000);
      expect(await working).toMatchObject({ status: 'SUCCESS' });
      expect(calls).toBe(1);
      expect(world.faults.splice(0)).toEqual([expect.any(Unavailable)]);
    });

    it('that had not left when their worker stopped are made later, and do not end unknown', async () => {
      answer = fail(200);
      // It takes connections, and never shakes hands over them.
      const silent = createTcpServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const { traceId: specId } = (await world.stores.specs.findByName('default', 'service'))!;
      await world.change.execute(CALLER, specId, { url: `https://127.0.0.1:${port}` });
      const id = await world.schedule.execute(CALLER, post);
      const claimed = await world.execute.claim(id);
      const stop = new AbortController();
      const connected = once(silent, 'connection');
      const running = world.execute.run(claimed!, stop.signal);
      const [socket] = (await connected) as [Socket];
      stop.abort();
      await running;
      socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
      await world.change.execute(CALLER, specId, { url: null });
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS', attempt: 2 });
    });

    it('that had left when their worker stopped end unknown', async () => {
      let arrived = false;
      answer = () => void (arrived = true);
      const id = await world.schedule.execute(CALLER, post);
      const claimed = await world.execute.claim(id);
      const stop = new AbortController();
      const running = world.execute.run(claimed!, stop.signal);
      await eventually('the call at the service', () => arrived);
      stop.abort();
      await running;
      answer = fail(200);
      const ended = await world.work(id);
      expect(ended).toMatchObject({ status: 'ERROR', error: expect.stringContaining('outcome unknown') });
      expect(calls).toBe(1);
    });

    it('of a GET under way when its worker died are made again', async () => {
      let arrived = false;
      answer = () => void (arrived = true);
      const id = await world.schedule.execute(CALLER, { ...call, cache: { mode: 'off' } });
      const claimed = await world.execute.claim(id);
      const dying = new AbortController();
      void world.execute.run(claimed!, dying.signal);
      await eventually('the call at the service', () => arrived);
      world.leases.letGo(claimed!.process);
      world.clock.jump(world.clock.now() + 31_000);
      answer = fail(200);
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
      expect(calls).toBe(2);
      dying.abort();
    });

    it('that are under way while their machine stands still are not taken over by their own worker', async () => {
      const held: ServerResponse[] = [];
      answer = (_, response) => void held.push(response);
      const id = await world.schedule.execute(CALLER, post);
      const working = world.work(id);
      await eventually('the call at the service', () => held.length === 1);
      world.clock.jump(world.clock.now() + 31_000);
      expect(await world.execute.claim(id)).toBeNull();
      const lease = { owner: 'another', until: world.clock.now() + 30_000 };
      expect(await world.stores.processes.claim(id, lease, [], world.clock.now())).toBeNull();
      held[0]?.end('answer');
      expect(await working).toMatchObject({ status: 'SUCCESS', attempt: 1 });
      expect(calls).toBe(1);
    });

    it('that are to be made again at once are, though their worker has not yet let go of them', async () => {
      answer = fail(500);
      const id = await world.schedule.execute(CALLER, call);
      const held = (await world.execute.claim(id))!;
      await world.execute.run(held, new AbortController().signal);
      world.leases.hold(held.process, () => held.abort.abort(LEASE_LOST));
      answer = fail(200);
      const { nextCallAt } = (await world.stores.processes.find(null, id)) ?? {};
      world.clock.jump(nextCallAt ?? 0);
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
    });

    it('that cannot reach the service are made again, whatever their method', async () => {
      world.service.closeAllConnections();
      await new Promise((resolve) => world.service.close(resolve));
      const id = await world.schedule.execute(CALLER, post);
      expect(await world.work(id)).toMatchObject({ status: 'IN_PROGRESS', calls: [{ error: expect.any(String) }] });
    });
  });

  describe('that is cancelled', () => {
    const post = { ...call, method: 'post' };
    const held: ServerResponse[] = [];
    let brokenOff: number;
    let specId: string;

    beforeEach(async () => {
      held.length = 0;
      brokenOff = 0;
      world.service.removeAllListeners('request');
      world.service.on('request', (_request, response: ServerResponse) => {
        calls += 1;
        held.push(response);
        response.on('close', () => (brokenOff += response.writableFinished ? 0 : 1));
      });
      specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    });

    function find(id: string): Promise<SchedulerProcess | null> {
      return world.stores.processes.find(null, id);
    }

    it.each([
      ['while it is parked', () => world.schedule.execute(CALLER, call)],
      ['before its time', () => world.schedule.execute(CALLER, { ...call, runAt: world.clock.now() + 60_000 })],
    ])('%s has ended at once, and its call is never made', async (_, schedule) => {
      const id = await schedule();
      await world.cancel.execute(CALLER, id);
      expect(await find(id)).toMatchObject({ status: 'CANCELLED', steps: ['Received in the API', 'Cancelled'] });
      await world.endSpec(specId, 'SUCCESS');
      world.clock.jump(world.clock.now() + 61_000);
      expect(await world.work(id)).toMatchObject({ status: 'CANCELLED' });
      expect(calls).toBe(0);
    });

    it('while it waits for its turn at a worker is not begun', async () => {
      await world.endSpec(specId, 'SUCCESS');
      const id = await world.schedule.execute(CALLER, post);
      const claimed = await world.execute.claim(id);
      await world.cancel.execute(CALLER, id);
      await world.execute.run(claimed!, new AbortController().signal);
      expect(await find(id)).toMatchObject({ status: 'CANCELLED' });
      expect(await find(id)).not.toHaveProperty('calls');
      expect(calls).toBe(0);
    });

    it.each([
      ['POST', post],
      ['GET', { ...call, cache: { mode: 'off' } as const }],
    ])('while its %s is under way is broken off, and the list of calls says so', async (_, asked) => {
      await world.endSpec(specId, 'SUCCESS');
      const id = await world.schedule.execute(CALLER, asked);
      const working = world.work(id);
      await eventually('the call at the service', () => held.length === 1);
      await world.cancel.execute(CALLER, id);
      expect(await find(id)).toMatchObject({
        status: 'CANCELLED',
        steps: ['Received in the API', 'Received in the worker', 'Cancelled'],
      });
      await world.watch();
      expect(await working).toMatchObject({
        status: 'CANCELLED',
        calls: [{ number: 1, worker: 'me', error: expect.stringContaining('under way when it was cancelled') }],
      });
      await eventually('the end of its connection', () => brokenOff === 1);
    });

    it('through the store that its worker has is broken off at once', async () => {
      world.stores.processes.onCancelled((traceId) => world.leases.lose(traceId));
      await world.endSpec(specId, 'SUCCESS');
      const id = await world.schedule.execute(CALLER, post);
      const working = world.work(id);
      await eventually('the call at the service', () => held.length === 1);
      await world.cancel.execute(CALLER, id);
      expect(await working).toMatchObject({ status: 'CANCELLED', calls: [{ number: 1 }] });
    });

    it('while its answer is on the way to the database stays cancelled and lists its calls', async () => {
      await world.endSpec(specId, 'SUCCESS');
      const id = await world.schedule.execute(CALLER, post);
      const claimed = await world.execute.claim(id);
      const running = world.execute.run(claimed!, new AbortController().signal);
      await eventually('the call at the service', () => held.length === 1);
      held[0]?.end('late');
      world.isAway = true;
      await running;
      await world.outcomes.settled();
      await world.cancel.execute(CALLER, id);
      world.isAway = false;
      await world.storeTold();
      world.faults.length = 0;
      expect(await find(id)).toMatchObject({ status: 'CANCELLED', calls: [{ number: 1, response: { status: 200 } }] });
      expect(await world.stores.processes.findResponse('default', id)).toBeNull();
    });

    it('between two calls keeps the first, and there is no second', async () => {
      await world.endSpec(specId, 'SUCCESS');
      const id = await world.schedule.execute(CALLER, call);
      const working = world.work(id);
      await eventually('the call at the service', () => held.length === 1);
      held[0]?.writeHead(503).end();
      expect(await working).toHaveProperty('nextCallAt');
      await world.cancel.execute(CALLER, id);
      world.clock.jump(world.clock.now() + 60_000);
      expect(await world.work(id)).toMatchObject({ status: 'CANCELLED', calls: [{ number: 1 }] });
      expect(calls).toBe(1);
    });

    it('leaves those that wait for the same answer to make one call without it', async () => {
      await world.endSpec(specId, 'SUCCESS');
      const first = await world.schedule.execute(CALLER, call);
      const others = await Promise.all(Array.from({ length: 20 }, () => world.schedule.execute(CALLER, call)));
      const working = [world.work(first)];
      await eventually('the first call', () => held.length === 1);
      working.push(...others.map((id) => world.work(id)));
      await eventually('the others waiting for it', () => world.clock.sleeping === 20);
      await world.cancel.execute(CALLER, first);
      await world.watch();
      await eventually('one more call, and the others waiting for that', () => {
        return held.length === 2 && world.clock.sleeping === 19;
      });
      held[1]?.end('answer');
      await Promise.all(working);
      await world.outcomes.settled();
      const ended = await Promise.all(others.map((id) => find(id)));
      expect(ended.map((process) => process?.status)).toEqual(others.map(() => 'SUCCESS'));
      expect(calls).toBe(2);
    });

    it('while it waits for an equal call ends alone, and what waits for a cancelled one makes its own', async () => {
      await world.endSpec(specId, 'SUCCESS');
      const first = await world.schedule.execute(CALLER, call);
      const others = await Promise.all([world.schedule.execute(CALLER, call), world.schedule.execute(CALLER, call)]);
      const working = [world.work(first)];
      await eventually('the first call', () => held.length === 1);
      working.push(...others.map((id) => world.work(id)));
      await eventually('the others waiting for it', () => world.clock.sleeping === 2);
      await world.cancel.execute(CALLER, others[0]);
      await world.watch();
      expect(await working[1]).toMatchObject({ status: 'CANCELLED' });
      expect(await find(others[0])).not.toHaveProperty('calls');
      await world.cancel.execute(CALLER, first);
      await world.watch();
      await eventually('a call of its own', () => held.length === 2);
      held[1]?.end('answer');
      await Promise.all(working);
      await world.outcomes.settled();
      expect(await find(first)).toMatchObject({ status: 'CANCELLED' });
      expect(await find(others[1])).toMatchObject({ status: 'SUCCESS' });
    });

    it('twice is cancelled once; what has ended or never was is refused', async () => {
      const id = await world.schedule.execute(CALLER, call);
      await world.cancel.execute(CALLER, id);
      const once = await find(id);
      await world.cancel.execute(CALLER, id);
      expect(await find(id)).toStrictEqual(once);
      const ended = await world.schedule.execute(CALLER, { ...call, service: 'unknown' });
      expect(await world.work(ended)).toMatchObject({ status: 'ERROR' });
      await expect(world.cancel.execute(CALLER, ended)).rejects.toThrow(
        `Expected a scheduler process that has not ended, got ${ended}, which has ended in ERROR.`,
      );
      await expect(world.cancel.execute(CALLER, 'x'.repeat(16))).rejects.toThrow(NotFound);
    });

    it('is counted, once', async () => {
      const counted: string[] = [];
      const { processes } = world.stores;
      const observer = { cancelled: ({ traceId }: SchedulerProcess) => counted.push(traceId) };
      const cancel = new CancelProcess(processes, new FindProcess(processes), world.clock, observer);
      const id = await world.schedule.execute(CALLER, call);
      await Promise.all([cancel.execute(CALLER, id), cancel.execute(CALLER, id)]);
      expect(counted).toEqual([id]);
    });

    it('may be replayed: the same request with a body of its own', async () => {
      const asked = { ...post, headers: { a: 'b' }, queryParams: { q: 1 }, credentials: { key: { value: 's' } } };
      const fields = { retry: { attempts: 2 }, timeoutMs: 5_000, cache: { mode: 'off' } as const };
      const reqBody = 'x'.repeat(100_000);
      const id = await world.schedule.execute(CALLER, {
        ...asked,
        ...fields,
        reqBody,
        runAt: world.clock.now() + 60_000,
      });
      await expect(world.replay.execute(CALLER, id)).rejects.toThrow(
        `Expected a scheduler process that has ended, got ${id}, which is WAITING.`,
      );
      await world.cancel.execute(CALLER, id);
      const old = await find(id);
      const replayed = await find(await world.replay.execute(CALLER, id));
      expect(replayed).toMatchObject({
        ...{ ...asked, method: 'POST', ...fields, service: 'service', replayOf: id },
        ...{ status: 'WAITING', specTraceId: specId },
      });
      expect(replayed).not.toHaveProperty('runAt');
      await world.payloads.discard(old!.reqBody!);
      expect((await world.payloads.read(replayed!.reqBody!)).toString()).toBe(JSON.stringify(reqBody));
      await expect(world.replay.execute(CALLER, 'x'.repeat(16))).rejects.toThrow(NotFound);
    });

    it('may be replayed in another trace, or in none', async () => {
      const traceContext = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
      const other = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00` };
      const id = await world.schedule.execute(CALLER, { ...call, traceContext });
      await world.cancel.execute(CALLER, id);
      expect(await find(await world.replay.execute(CALLER, id))).not.toHaveProperty('traceContext');
      expect(await find(await world.replay.execute(CALLER, id, undefined, other))).toHaveProperty(
        'traceContext',
        other,
      );
    });

    it('may be replayed without a body, and the replay replayed', async () => {
      const id = await world.schedule.execute(CALLER, call);
      await world.cancel.execute(CALLER, id);
      const again = await world.replay.execute(CALLER, id);
      await world.cancel.execute(CALLER, again);
      expect(await find(await world.replay.execute(CALLER, again))).toMatchObject({ reqBody: null, replayOf: again });
    });
  });

  describe('that expires', () => {
    const sentence =
      'Error executing API call: the process expired before it could be started: it was to start before ';
    let expiresAt: number;
    let timer: DueTimer;

    beforeEach(() => {
      expiresAt = world.clock.now() + 60_000;
      const options = {
        everyMs: 50,
        faultPauseMs: 50,
        repeatMs: 0,
        onFault: (error: unknown) => void world.faults.push(error),
      };
      timer = new DueTimer(world.stores.processes, new Herald(world.bus, world.clock), world.clock, options);
    });

    it('while its Spec is still pending ends in ERROR', async () => {
      await world.register.execute(CALLER, { name: 'service', headers: {}, document });
      const id = await world.schedule.execute(CALLER, { ...call, expiresAt });
      await timer.runOnce();
      expect(await world.work(id)).toMatchObject({ status: 'WAITING' });
      world.clock.jump(expiresAt);
      await timer.runOnce();
      await settled();
      expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
      expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: expect.stringContaining(sentence) });
    });

    it('while it waits for its turn is not called any more', async () => {
      await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
      const id = await world.schedule.execute(CALLER, { ...call, expiresAt });
      world.clock.jump(expiresAt);
      expect(await world.work(id)).toMatchObject({ status: 'ERROR', error: expect.stringContaining(sentence) });
      expect(calls).toBe(0);
    });

    it('after its first call goes on', async () => {
      world.service.removeAllListeners('request');
      world.service.on('request', (_request, response: ServerResponse) => {
        calls += 1;
        response.writeHead(calls === 1 ? 503 : 200).end();
      });
      await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
      const id = await world.schedule.execute(CALLER, { ...call, expiresAt });
      expect(await world.work(id)).toHaveProperty('nextCallAt');
      world.clock.jump(expiresAt);
      expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
    });
  });

  it('a message that comes twice makes one call', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const claims = await Promise.all([world.execute.claim(id), world.execute.claim(id)]);
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('equal calls at once make one call, and the others have its answer', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const ids = await Promise.all(Array.from({ length: 20 }, () => world.schedule.execute(CALLER, call)));
    await Promise.all(ids.map((id) => world.work(id)));
    await world.outcomes.settled();
    const responses = await Promise.all(ids.map((id) => world.stores.processes.findResponse('default', id)));
    expect(calls).toBe(1);
    expect(responses.filter((response) => response?.cache === 'HIT')).toHaveLength(19);
  });

  it('equal calls whose answer may not be reused go side by side, and none waits beyond its time', async () => {
    const held: (() => void)[] = [];
    world.service.removeAllListeners('request');
    world.service.on('request', (_request, response: ServerResponse) => {
      calls += 1;
      response.setHeader('cache-control', 'no-store');
      held.push(() => response.end('fresh'));
    });
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const ids = await Promise.all(Array.from({ length: 5 }, () => world.schedule.execute(CALLER, call)));
    const hasty = await world.schedule.execute(CALLER, { ...call, timeoutMs: 200 });
    const working = [...ids, hasty].map((id) => world.work(id));
    await eventually('the first call', () => calls === 1 && world.clock.sleeping === 5);
    await world.clock.advance(200);
    held.splice(0).forEach((answer) => answer());
    await eventually('the others side by side', () => calls === 5);
    held.splice(0).forEach((answer) => answer());
    await Promise.all(working);
    await world.outcomes.settled();
    const statuses = await Promise.all([...ids, hasty].map((id) => world.stores.processes.find(null, id)));
    expect(statuses.map((process) => process?.status)).toEqual([...ids.map(() => 'SUCCESS'), 'ERROR']);
    expect(statuses.at(-1)?.error).toBe('Error executing API call: API call failed: no whole answer within 200 ms');
  });

  /** A process whose call has been made while the database took no ends. */
  async function called(): Promise<string> {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, { ...call, method: 'post' });
    world.isAway = true;
    const claimed = await world.execute.claim(id);
    await world.execute.run(claimed!, new AbortController().signal);
    return id;
  }

  it('an outcome is stored without the bus', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    await settled();
    await world.bus.close();
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
    expect(world.ended).toEqual([id]);
  });

  it('an outcome that the database does not take is told over the bus, and counted once', async () => {
    const id = await called();
    await world.outcomes.settled();
    await settled();
    expect(world.faults.splice(0)).toHaveLength(1);
    expect(world.traceIds('SCHEDULER_PROCESS_RESPONSE')).toEqual([id]);
    world.isAway = false;
    await world.storeTold();
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    await world.outcomes.runOnce(0);
    expect(world.ended).toEqual([id]);
    expect(calls).toBe(1);
  });

  it('an outcome that neither the database nor the bus takes is tried until one does', async () => {
    await world.bus.close();
    const id = await called();
    for (let times = 1; times <= 3; times++) {
      await eventually('a pause', () => world.faults.length === times && world.clock.sleeping === 1);
      expect(world.ended).toEqual([]);
      if (times === 3) world.isAway = false;
      await world.clock.advance(2_000);
    }
    await world.outcomes.settled();
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    expect(world.ended).toEqual([id]);
    expect(world.faults.splice(0)).toHaveLength(3);
    expect(calls).toBe(1);
  });

  it('an outcome whose message is lost is stored by whoever has it, and the call is not made again', async () => {
    const id = await called();
    await world.outcomes.settled();
    world.messages.length = 0;
    world.faults.length = 0;
    world.isAway = false;
    await world.outcomes.runOnce();
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'IN_PROGRESS' });
    world.clock.jump(world.clock.now() + 30_000);
    await world.outcomes.runOnce();
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    expect(calls).toBe(1);
  });

  it('a worker that has an outcome which could not be stored in time does not take its own call over', async () => {
    const id = await called();
    await world.outcomes.settled();
    world.faults.length = 0;
    // Nobody renewed the lease meanwhile, and the reconciler sends the process round again.
    world.clock.jump(world.clock.now() + 31_000);
    expect(await world.execute.claim(id)).toBeNull();
    world.isAway = false;
    await world.outcomes.runOnce(0);
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    expect(calls).toBe(1);
  });

  it('an outcome whose message nobody takes before the worker stops is stored when it does', async () => {
    const id = await called();
    await world.outcomes.settled();
    world.faults.length = 0;
    world.isAway = false;
    await world.outcomes.run(AbortSignal.abort());
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS' });
  });

  it('a worker that stops while it hands an outcome over does not lose it', async () => {
    await world.bus.close();
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, { ...call, method: 'post' });
    world.isAway = true;
    const claimed = await world.execute.claim(id);
    await world.execute.run(claimed!, new AbortController().signal);
    claimed!.abort.abort(new Unavailable('WORKER_STOPPED', 'stopped'));
    await eventually('a pause', () => world.clock.sleeping === 1);
    world.faults.length = 0;
    world.isAway = false;
    await world.outcomes.run(AbortSignal.abort());
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
  });

  it('an outcome is kept no longer once it is stored, or its process is lost', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const [stored, lost] = [await world.schedule.execute(CALLER, call), await world.schedule.execute(CALLER, call)];
    world.isAway = true;
    for (const id of [stored, lost]) {
      const claimed = await world.execute.claim(id);
      await world.execute.run(claimed!, new AbortController().signal);
    }
    await world.outcomes.settled();
    world.faults.length = 0;
    world.outcomes.letGo({ traceId: stored, attempt: 1 });
    world.leases.lose(lost);
    world.isAway = false;
    await world.outcomes.runOnce(0);
    for (const id of [stored, lost]) {
      expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'IN_PROGRESS' });
    }
  });

  it('so many outcomes are stored at once, and then the next call waits', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    await world.bus.close();
    world.isAway = true;
    const outcome = { status: 'ERROR', error: 'It failed.' } as const;
    const processes: SchedulerProcess[] = [];
    for (let taken = 0; taken < 200; taken++) {
      const id = await world.schedule.execute(CALLER, call);
      processes.push((await world.execute.claim(id))!.process);
    }
    const last = processes.pop()!;
    for (const process of processes) await world.outcomes.take(process, outcome, new AbortController().signal);
    let hasRoom = false;
    const waiting = world.outcomes.take(last, outcome, new AbortController().signal).then(() => (hasRoom = true));
    await eventually('all of them in a pause', () => world.clock.sleeping === 200);
    expect(hasRoom).toBe(false);
    world.faults.length = 0;
    world.isAway = false;
    await world.clock.advance(2_000);
    await waiting;
    await world.outcomes.settled();
    expect(world.ended).toHaveLength(200);
  });

  it('whoever waits for room of outcomes is not held up by it when the worker stops', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    await world.bus.close();
    world.isAway = true;
    const outcome = { status: 'ERROR', error: 'It failed.' } as const;
    const claims: AbortController[] = [];
    const taking: Promise<void>[] = [];
    for (let taken = 0; taken < 200; taken++) {
      const id = await world.schedule.execute(CALLER, call);
      const { process, abort } = (await world.execute.claim(id))!;
      claims.push(abort);
      taking.push(world.outcomes.take(process, outcome, abort.signal));
    }
    await eventually('all of them in a pause', () => world.clock.sleeping === 200);
    for (const claim of claims) claim.abort(new Unavailable('WORKER_STOPPED', 'stopped'));
    await Promise.all(taking);
    world.isAway = false;
    await world.outcomes.run(AbortSignal.abort());
    world.faults.length = 0;
    expect(world.ended).toHaveLength(200);
  });

  it('a process whose answer cannot be kept is called again later and later', async () => {
    world.service.removeAllListeners('request');
    world.service.on('request', (_request, response: ServerResponse) => response.end('x'.repeat(100_000)));
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const blobs = join(world.folder, 'blobs');
    await rm(blobs, { recursive: true, force: true });
    await writeFile(blobs, 'a file where a folder should be');
    const pauses: number[] = [];
    for (let times = 0; times < 6; times++) {
      const waiting = await world.work(id);
      expect(waiting).toMatchObject({ status: 'WAITING' });
      const { dueAt } = waiting as SchedulerProcess & { dueAt: number };
      pauses.push(dueAt - world.clock.now());
      world.clock.jump(dueAt);
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(world.faults.splice(0)).toHaveLength(6);
    await rm(blobs);
    await mkdir(join(blobs, '+unfinished'), { recursive: true });
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS' });
  });

  it('a process that waits for its turn longer than a lease lasts stays with its worker', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const claimed = await world.execute.claim(id);
    if (!claimed) throw new Error('Expected to claim it.');
    for (let tenSeconds = 0; tenSeconds < 9; tenSeconds++) {
      world.clock.jump(world.clock.now() + 10_000);
      await world.leases.runOnce();
      expect(await world.execute.claim(id)).toBeNull();
    }
    await world.execute.run(claimed, new AbortController().signal);
    await world.outcomes.settled();
    expect(await world.stores.processes.find(null, id)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
  });

  it('a worker does not begin what another has taken over while it waited', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const claimed = await world.execute.claim(id);
    if (!claimed) throw new Error('Expected to claim it.');
    world.clock.jump(world.clock.now() + 31_000);
    const lease = { owner: 'another', until: world.clock.now() + 30_000 };
    expect(await world.stores.processes.claim(id, lease, [], world.clock.now())).not.toBeNull();
    await world.leases.runOnce();
    await world.execute.run(claimed, new AbortController().signal);
    expect(calls).toBe(0);
  });

  it('the answer of a worker that lost its lease changes nothing', async () => {
    await world.endSpec(await world.register.execute(CALLER, { name: 'service', headers: {}, document }), 'SUCCESS');
    const id = await world.schedule.execute(CALLER, call);
    const late = await world.execute.claim(id);
    world.leases.letGo(late!.process);
    world.clock.jump(world.clock.now() + 31_000);
    expect(await world.work(id)).toMatchObject({ status: 'SUCCESS', attempt: 2 });
    const outcome = { status: 'ERROR', error: 'too late' } as const;
    expect(await world.complete.execute({ traceId: id, attempt: late?.process.attempt ?? 0 }, outcome)).toBe(false);
  });
});

describe('the reconciler', () => {
  let world: World;

  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-flow-'));
    const service = createServer((_request, response) => response.end('answer'));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const clock = new FakeClock();
    world = new World(folder, await openSqliteStores({ folder: join(folder, 'data'), clock }), service);
  });

  afterEach(() => world.close());

  it('sends again what is due and was lost, once, and again only after a while', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, { ...call, service: 'unknown' });
    await world.collect();
    await settled();
    world.messages.length = 0;
    await world.reconciler.runOnce();
    expect(world.messages).toEqual([]);
    world.clock.jump(world.clock.now() + 6_000);
    await world.reconciler.runOnce();
    await world.reconciler.runOnce();
    await settled();
    expect(world.traceIds('SPEC')).toEqual([specId]);
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
    world.clock.jump(world.clock.now() + 31_000);
    await world.reconciler.runOnce();
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id, id]);
  });

  it('sends again what a dead worker held, once its lease has ended', async () => {
    const id = await world.schedule.execute(CALLER, { ...call, service: 'unknown' });
    expect(await world.execute.claim(id)).not.toBeNull();
    await world.collect();
    await settled();
    world.messages.length = 0;
    world.clock.jump(world.clock.now() + 29_000);
    await world.reconciler.runOnce();
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([]);
    world.clock.jump(world.clock.now() + 2_000);
    await world.reconciler.runOnce();
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
  });

  it('releases what waits for a Spec that is ready and that nobody released', async () => {
    const specId = await world.register.execute(CALLER, { name: 'service', headers: {}, document });
    const id = await world.schedule.execute(CALLER, call);
    await world.stores.specs.archive('default', specId, world.clock.now());
    await world.collect();
    await world.reconciler.runOnce();
    await settled();
    expect(world.traceIds('SCHEDULER_PROCESS')).toEqual([id]);
  });

  it('a look that fails is told, and the next one comes', async () => {
    await world.stores.close();
    const stop = new AbortController();
    const running = world.reconciler.run(stop.signal);
    await settled();
    expect(world.faults).toEqual([expect.any(Unavailable)]);
    await world.clock.advance(5_000);
    await settled();
    expect(world.faults.length).toBeGreaterThan(1);
    stop.abort();
    await running;
  });
});
