import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import {
  BlobStore,
  Clock,
  DeadLetterStore,
  DependencyWatch,
  ApiKeyStore,
  IdempotencyStore,
  KeyStore,
  MessageBus,
  ProcessStore,
  ProjectStore,
  SdkStore,
  SpecStore,
  Tracer,
} from '#core';
import { AdaptersModule } from '#adapters';
import type { Adapters } from '#adapters';
import { ApiMetrics } from '#observability';
import { ClientGenerator, SdkInstallation } from '#openapi';
import {
  ArchiveSpec,
  AskForSdk,
  CancelProcess,
  ChangeSpec,
  CheckProcess,
  ClientSource,
  DiffVersions,
  DownloadClient,
  FindOperations,
  FindProcess,
  FindSdk,
  FindSpec,
  ListSpecs,
  Herald,
  KnownProjects,
  ManageProjects,
  PauseSpec,
  PayloadStore,
  PendingLimit,
  PrepareCall,
  ProcessWatch,
  PurgeDeadLetters,
  RegisterSpec,
  ReleaseProcesses,
  ReplayDeadLetters,
  ReplayProcess,
  ScheduleProcess,
  ScheduleBatch,
  SpecHistory,
  SubmitOnce,
  UploadBlob,
  ValidateDocument,
  WaitForEnd,
} from '#scheduling';
import type { PendingLimits } from '#scheduling';
import { provide } from '../provide.js';
import { AuditController } from './audit/audit.controller.js';
import { Auditor } from './audit/auditor.js';
import { ApiKeys } from './auth/api-keys.js';
import { HealthController } from './health/health.controller.js';
import { PingController } from './health/ping.controller.js';
import { ErrorFilter, PartRefusals } from '../http/error.filter.js';
import type { UnforeseenErrorListener } from '../http/error.filter.js';
import { HeaderView } from './http/header-view.js';
import { ValidationPipe } from './http/validation.js';
import { ProcessEndController } from './scheduler-process/process-end.controller.js';
import { ProcessEventsController } from './scheduler-process/process-events.controller.js';
import { ProcessEvents } from './scheduler-process/process-events.js';
import { ProcessBatchController } from './scheduler-process/process-batch.controller.js';
import { ProcessListController } from './scheduler-process/process-list.controller.js';
import { SchedulerProcessController } from './scheduler-process/scheduler-process.controller.js';
import { DeadLetterController } from './dead-letters/dead-letter.controller.js';
import { ProjectController } from './projects/project.controller.js';
import { BlobsController } from './blobs/blobs.controller.js';
import { KeyController } from './keys/key.controller.js';
import { ClientController } from './spec/client.controller.js';
import { PauseController } from './spec/pause.controller.js';
import { SdkController } from './spec/sdk.controller.js';
import { SpecController } from './spec/spec.controller.js';
import { ValidationController } from './spec/validation.controller.js';
import { VersionsController } from './spec/versions.controller.js';

export interface ApiModuleOptions {
  readonly adapters: Adapters;
  /** What validates documents; whoever gives it closes it. */
  readonly generator: ClientGenerator;
  /** Where the programs that make SDKs are looked for. */
  readonly sdkInstallation: SdkInstallation;
  readonly metrics: ApiMetrics;
  readonly knownProjects: KnownProjects;
  readonly limits: ApiLimits;
  readonly onUnforeseen: UnforeseenErrorListener;
  readonly tracer: Tracer | undefined;
  readonly apiKeys: ApiKeys;
  readonly auditor: Auditor;
  readonly headerView: HeaderView;
}

interface ApiLimits {
  /** How many event streams may be open at once. */
  readonly eventStreams: number;
  readonly pending: PendingLimits;
}

/** The REST API: wiring only. */
@Module({})
export class ApiModule {
  static register(options: ApiModuleOptions): DynamicModule {
    const {
      adapters,
      generator,
      sdkInstallation,
      metrics,
      knownProjects,
      limits,
      onUnforeseen,
      tracer,
      apiKeys,
      auditor,
    } = options;
    return {
      module: ApiModule,
      imports: [AdaptersModule.of(adapters)],
      controllers: [
        SpecController,
        ClientController,
        SdkController,
        ValidationController,
        VersionsController,
        PauseController,
        SchedulerProcessController,
        ProcessEndController,
        ProcessEventsController,
        ProcessListController,
        ProcessBatchController,
        DeadLetterController,
        BlobsController,
        ProjectController,
        KeyController,
        AuditController,
        PingController,
        HealthController,
      ],
      providers: [
        { provide: ApiKeys, useValue: apiKeys },
        { provide: Auditor, useValue: auditor },
        { provide: HeaderView, useValue: options.headerView },
        { provide: DependencyWatch, useValue: new DependencyWatch(adapters) },
        provide(PayloadStore, BlobStore),
        { provide: Tracer, useFactory: () => tracer },
        { provide: Herald, useFactory: () => new Herald(adapters.bus, adapters.clock, undefined, tracer) },
        provide(ReleaseProcesses, SpecStore, ProcessStore, Herald, Clock),
        provide(ClientSource, SpecStore, PayloadStore),
        { provide: ClientGenerator, useValue: generator },
        provide(FindSpec, SpecStore),
        provide(ListSpecs, SpecStore),
        { provide: SdkInstallation, useValue: sdkInstallation },
        provide(AskForSdk, FindSpec, SdkStore, SdkInstallation, Herald, Clock),
        provide(FindSdk, FindSpec, SdkStore, SdkInstallation, PayloadStore),
        provide(FindOperations, SpecStore, ClientSource),
        provide(DownloadClient, ClientSource, PayloadStore),
        provide(SpecHistory, SpecStore, PayloadStore),
        provide(DiffVersions, SpecStore, ProcessStore, SpecHistory, ClientSource),
        provide(ValidateDocument, ClientGenerator, Clock),
        provide(PrepareCall, PayloadStore, BlobStore),
        provide(CheckProcess, SpecStore, ClientSource, PrepareCall),
        provide(UploadBlob, BlobStore),
        provide(RegisterSpec, SpecStore, PayloadStore, Herald, Clock),
        provide(ChangeSpec, SpecStore, PayloadStore, Herald, Clock),
        provide(PauseSpec, SpecStore, Herald),
        provide(ArchiveSpec, SpecStore, ReleaseProcesses, Herald, Clock),
        { provide: KnownProjects, useValue: knownProjects },
        provide(ManageProjects, ProjectStore, KnownProjects, SpecStore, ProcessStore, ApiKeyStore, Clock),
        { provide: ApiMetrics, useValue: metrics },
        {
          provide: PendingLimit,
          inject: [ProcessStore, ProjectStore, Clock],
          useFactory: (processes: ProcessStore, projects: ProjectStore, clock: Clock) => {
            return new PendingLimit(processes, projects, clock, limits.pending);
          },
        },
        provide(
          ScheduleProcess,
          SpecStore,
          ProcessStore,
          PayloadStore,
          ReleaseProcesses,
          Herald,
          Clock,
          ApiMetrics,
          PendingLimit,
          Tracer,
        ),
        provide(ScheduleBatch, SpecStore, CheckProcess, ScheduleProcess),
        provide(ProcessWatch, ProcessStore, Clock),
        provide(WaitForEnd, ProcessWatch, Clock),
        {
          provide: ProcessEvents,
          inject: [ProcessWatch, Clock],
          useFactory: (watch: ProcessWatch, clock: Clock) => new ProcessEvents(watch, clock, limits.eventStreams),
        },
        provide(SubmitOnce, IdempotencyStore, KeyStore, Clock),
        provide(FindProcess, ProcessStore),
        provide(CancelProcess, ProcessStore, FindProcess, Clock, ApiMetrics),
        provide(ReplayProcess, FindProcess, ScheduleProcess, PayloadStore, DeadLetterStore),
        provide(ReplayDeadLetters, DeadLetterStore, ReplayProcess, MessageBus),
        provide(PurgeDeadLetters, DeadLetterStore),
        { provide: PartRefusals, useFactory: () => new PartRefusals(onUnforeseen) },
        { provide: APP_PIPE, useClass: ValidationPipe },
        { provide: APP_FILTER, useFactory: () => new ErrorFilter(onUnforeseen) },
      ],
    };
  }
}
