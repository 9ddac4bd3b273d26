import { hostname } from 'node:os';
import { newTraceId, RETRY_REASONS } from '#core';
import type { Claim, ConsumeObserver, DeadLetterKind, Message, MessageType, Outcome, Tracer, Worker } from '#core';
import type { Adapters } from '#adapters';
import { HttpCaller } from '#client-runtime';
import type { EgressGuard } from '#client-runtime';
import type { Config } from '#config';
import { maskedExcerpt } from '#observability';
import { ClientGenerator, SdkInstallation, SdkMaker } from '#openapi';
import {
  BreakerWatch,
  CallOperation,
  ClientFolders,
  ClientSource,
  CompleteProcess,
  DriftCheck,
  DueTimer,
  ExecuteProcess,
  Gate,
  Gatekeeper,
  GenerateClient,
  Herald,
  KeepDeadLetter,
  LeaseKeeper,
  LeaseWatch,
  MakeSdk,
  OutcomeKeeper,
  PayloadStore,
  Reconciler,
  RefreshFolder,
  ReleaseProcesses,
  ReviewClient,
  Sweeper,
  TryCall,
} from '#scheduling';
import type { CallObserver, SweepObserver } from '#scheduling';
import { sdkPlaces } from '../sdk-places.js';
import { Consumer } from './consumer.js';
import { DeadLetterWorker } from './dead-letter-worker.js';
import { waysOut } from './egress.js';
import { SchedulerProcessResponseHandler } from './handlers/scheduler-process-response.handler.js';
import { SchedulerProcessHandler } from './handlers/scheduler-process.handler.js';
import { SpecClientGeneratedHandler } from './handlers/spec-client-generated.handler.js';
import { SpecUpdateHandler } from './handlers/spec-update.handler.js';
import { SpecHandler } from './handlers/spec.handler.js';
import { SdkWorker } from './sdk-worker.js';

/** How long a message waits for a free slot before it is left to other workers. */
const PATIENCE_MS = 1_000;
/** How late a call may start that came in to start within this time, in milliseconds. Each look costs a server a query. */
const TIMER_MS = { embedded: 50, server: 100 };
/** How often to look whether calls under way were cancelled, in milliseconds. */
const WATCH_MS = 250;
/** How often to look at the gates, and at the breakers that others have opened, in milliseconds. */
const GATE_MS = 500;
/** However often probes fail, the next one comes after this, in milliseconds. */
const LONGEST_OPEN_MS = 60_000;
/** How much of a message that was given up is shown, in bytes. */
const EXCERPT_BYTES = 1_000;
/** Work sent round again is not sent once more before this many looks have passed. */
const LOOKS_BEFORE_REPEAT = 6;

const SWEEPING = {
  ...{ everyMs: 60_000, archivesEveryMs: 3_600_000, unnamedEveryMs: 86_400_000 },
  pauseMs: 10,
} as const;

/** Who is told what happens in a worker; all of it for the log. */
export interface WorkerListener {
  readonly onReceived: (message: Message) => void;
  readonly onHandled: (message: Message, outcome: Outcome, startedAt: number) => void;
  readonly onError: (message: Message, error: unknown) => void;
  /** A document's stage is over, well or not, some time after its message was handled. */
  readonly onEnded: (type: MessageType, traceId: string) => void;
  /** Work that outlasted its message failed, and is taken up again when its lease ends. */
  readonly onFault: (traceId: string, error: unknown) => void;
  /** A folder for people could not be written; the Spec serves all the same. */
  readonly onFolderFault: (error: unknown) => void;
  readonly onUnsent: (type: MessageType, traceId: string, error: unknown) => void;
  readonly onReconcileFault: (error: unknown) => void;
  readonly onSweepFault: (error: unknown) => void;
  /** A dead letter could not be kept yet; the bus has it. */
  readonly onLetterFault: (error: unknown) => void;
}

export interface ComposedWorker {
  /** @throws Unavailable in one sentence when what the worker writes to cannot be written. */
  prepare(): Promise<void>;
  /** What must run for work to be done. */
  readonly workers: readonly Worker[];
  /** Ends what the workers leave open: the generator's children and the connections to services. */
  close(): Promise<void>;
}

/** Puts a worker together from the verbs of libs/scheduling; it does nothing until its workers are run. */
export function composeWorker(
  config: Config,
  adapters: Adapters,
  listener: WorkerListener,
  observer: CallObserver & SweepObserver & ConsumeObserver & { deadLetter(kind: DeadLetterKind): void },
  guard: EgressGuard,
  tracer?: Tracer,
): ComposedWorker {
  const { specs, processes, sdks, deadLetters, bus, cache, flow, blobs, keys, clock } = adapters;
  const owner = `${hostname()} ${process.pid} ${newTraceId()}`;
  const leaseMs = config.leaseSeconds * 1_000;

  const payloads = new PayloadStore(blobs);
  const herald = new Herald(bus, clock, listener.onUnsent, tracer);
  const release = new ReleaseProcesses(specs, processes, herald, clock);
  const clients = new ClientSource(specs, payloads);
  const folders = new ClientFolders(config.generatedClientsDir, clock, listener.onFolderFault);

  const generator = new ClientGenerator({
    slots: config.generatorConcurrency,
    heapMb: config.generatorHeapMb,
    timeoutMs: config.generatorTimeoutSeconds * 1_000,
  });
  const specLeases = new LeaseKeeper({
    name: 'spec leases',
    clock,
    leaseMs,
    renew: oneByOne(specs),
    onFault: listener.onReconcileFault,
  });
  const generate = new GenerateClient(specs, payloads, generator, folders, release, specLeases, herald, clock, owner);
  const review = new ReviewClient(specs, clients, payloads, folders, release, specLeases, clock, owner);

  const caller = new HttpCaller({
    connectTimeoutMs: config.connectTimeoutMs,
    headersTimeoutMs: config.headersTimeoutMs,
    bodyTimeoutMs: config.bodyTimeoutMs,
    guard,
    ...waysOut(config),
  });
  const breakers = new BreakerWatch(flow, clock, {
    policy: {
      failures: config.breakerFailures,
      openMs: config.breakerOpenSeconds * 1_000,
      longestOpenMs: Math.max(LONGEST_OPEN_MS, config.breakerOpenSeconds * 1_000),
    },
    probeMs: leaseMs,
    everyMs: GATE_MS,
    onState: (spec, state) => observer.breaker(spec, state),
  });
  const gatekeeper = new Gatekeeper(specs, processes, flow, breakers, herald, clock, {
    everyMs: GATE_MS,
    repeatMs: config.reconcileSeconds * 1_000 * LOOKS_BEFORE_REPEAT,
    onFault: listener.onReconcileFault,
  });
  const gate = new Gate(flow, breakers, leaseMs, gatekeeper);
  const processLeases = new LeaseKeeper({
    name: 'process leases',
    clock,
    leaseMs,
    renew: async (claims, until) => {
      const kept = await processes.renew(claims, until);
      await gate.renew(kept);
      return kept;
    },
    onFault: listener.onReconcileFault,
  });
  // Where the API is in this very process; what others cancel, the watch below finds.
  processes.onCancelled((traceId) => processLeases.lose(traceId));
  const call = new CallOperation(clients, caller, cache, keys, payloads, blobs, clock, {
    cacheTtlSeconds: config.cacheTtlSeconds,
    defaultTimeoutMs: config.defaultTimeoutMs,
    responseMaxBytes: config.responseMaxBytes,
    responseMaxRatio: config.responseMaxRatio,
    tracer,
  });
  const tries = new TryCall(processes, call, new DriftCheck(clients, payloads), payloads, clock, {
    owner,
    retry: {
      attempts: config.retryAttempts,
      firstPauseMs: config.retryFirstPauseMs,
      longestPauseMs: config.retryLongestPauseSeconds * 1_000,
      on: RETRY_REASONS,
      unsafe: false,
    },
    longestWaitMs: config.retryAfterMaxSeconds * 1_000,
    onFault: listener.onFault,
    observer,
  });
  const complete = new CompleteProcess(specs, processes, clock, tracer);
  const outcomes = new OutcomeKeeper(complete, bus, processLeases, clock, {
    patienceMs: leaseMs,
    onStored: (traceId) => listener.onEnded('SCHEDULER_PROCESS_RESPONSE', traceId),
    onFault: listener.onFault,
    observer,
    tracer,
  });
  const execute = new ExecuteProcess(
    specs,
    processes,
    tries,
    outcomes,
    release,
    gate,
    processLeases,
    herald,
    clock,
    owner,
    listener.onFault,
    observer,
    tracer,
  );

  const limits = {
    workerConcurrency: config.workerConcurrency,
    generatorConcurrency: config.generatorConcurrency,
    patienceMs: PATIENCE_MS,
    onEnded: listener.onEnded,
    onFault: listener.onFault,
  };
  const sdkLeases = new LeaseKeeper({
    name: 'sdk leases',
    clock,
    leaseMs,
    renew: oneByOne(sdks),
    onFault: listener.onReconcileFault,
  });
  const maker = new SdkMaker(new SdkInstallation(sdkPlaces(config)), {
    heapMb: config.sdkHeapMb,
    timeoutMs: config.sdkTimeoutSeconds * 1_000,
    maxBytes: config.sdkMaxBytes,
  });
  const makeSdk = new MakeSdk(specs, sdks, maker, payloads, blobs, sdkLeases, clock, owner);
  const everyMs = config.reconcileSeconds * 1_000;
  const sdkWorker = new SdkWorker(makeSdk, { clock, everyMs, onFault: listener.onFault });

  const consumer = new Consumer(
    bus,
    [
      new SpecHandler(generate, clock, limits, tracer),
      new SpecUpdateHandler(new RefreshFolder(specs, folders), sdkWorker, gatekeeper),
      new SpecClientGeneratedHandler(review, clock, limits, tracer),
      new SchedulerProcessHandler(execute, clock, limits),
      new SchedulerProcessResponseHandler(complete, outcomes),
    ],
    { clock, shutdownMs: config.shutdownSeconds * 1_000, tracer, observer, ...listener },
  );
  const reconciler = new Reconciler(specs, processes, release, herald, clock, {
    everyMs,
    graceMs: everyMs,
    repeatMs: everyMs * LOOKS_BEFORE_REPEAT,
    onFault: listener.onReconcileFault,
  });
  const timer = new DueTimer(processes, herald, clock, {
    everyMs: config.mongodbUri === undefined ? TIMER_MS.embedded : TIMER_MS.server,
    faultPauseMs: everyMs,
    repeatMs: everyMs * LOOKS_BEFORE_REPEAT,
    onFault: listener.onReconcileFault,
  });
  const watch = new LeaseWatch(processLeases, (claims) => processes.held(claims), clock, {
    everyMs: WATCH_MS,
    faultPauseMs: everyMs,
    onFault: listener.onReconcileFault,
  });
  const sweeper = new Sweeper(adapters, blobs, clock, {
    ...retention(config),
    ...SWEEPING,
    onFault: listener.onSweepFault,
    observer,
  });
  const keep = new KeepDeadLetter(deadLetters, clock, {
    excerptOf: (text) => maskedExcerpt(text, EXCERPT_BYTES),
    projectOf: async (traceId) => {
      return ((await processes.find(null, traceId)) ?? (await specs.find(null, traceId)))?.project ?? null;
    },
    onFault: listener.onLetterFault,
    observer,
  });
  const letters = new DeadLetterWorker(bus, keep);
  return {
    prepare: () => folders.prepare(),
    workers: [
      ...[consumer, letters, sdkWorker, timer, gatekeeper, reconciler, sweeper],
      ...[outcomes, processLeases, specLeases, sdkLeases, watch],
    ],
    close: async () => {
      await Promise.all([generator.close(), caller.close()]);
    },
  };
}

/** What is kept; 0 stands for no limit. */
function retention(config: Config) {
  const limit = (days: number, bytes: number) => ({
    ageMs: days === 0 ? null : days * 24 * 60 * 60 * 1_000,
    bytes: bytes === 0 ? null : bytes,
  });
  return {
    processes: limit(config.retainProcessesDays, config.retainProcessesBytes),
    responses: limit(config.retainResponsesDays, config.retainResponsesBytes),
    logs: limit(config.retainLogsDays, config.retainLogsBytes),
    archives: limit(config.retainArchivesDays, config.retainArchivesBytes),
    audit: limit(config.retainAuditDays, 0),
  };
}

/** Renews leases of a store that takes them singly. */
function oneByOne(store: { renew(claim: Claim, until: number): Promise<boolean> }) {
  return async (claims: readonly Claim[], until: number): Promise<readonly Claim[]> => {
    const kept = await Promise.all(claims.map((claim) => store.renew(claim, until)));
    return claims.filter((_, index) => kept[index]);
  };
}
