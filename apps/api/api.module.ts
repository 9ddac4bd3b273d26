import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import {
  BlobStore,
  Clock,
  DependencyWatch,
  IdempotencyStore,
  MessageBus,
  ProcessStore,
  SdkStore,
  SpecStore,
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
  Herald,
  PauseSpec,
  PayloadStore,
  PrepareCall,
  RegisterSpec,
  ReleaseProcesses,
  ReplayProcess,
  ScheduleProcess,
  ScheduleBatch,
  SpecHistory,
  SubmitOnce,
  UploadBlob,
  ValidateDocument,
  WaitForEnd,
} from '#scheduling';
import { provide } from '../provide.js';
import { HealthController } from './health/health.controller.js';
import { PingController } from './health/ping.controller.js';
import { ErrorFilter, PartRefusals } from '../http/error.filter.js';
import type { UnforeseenErrorListener } from '../http/error.filter.js';
import { ValidationPipe } from './http/validation.js';
import { ProcessEndController } from './scheduler-process/process-end.controller.js';
import { ProcessBatchController } from './scheduler-process/process-batch.controller.js';
import { ProcessListController } from './scheduler-process/process-list.controller.js';
import { SchedulerProcessController } from './scheduler-process/scheduler-process.controller.js';
import { BlobsController } from './blobs/blobs.controller.js';
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
  readonly onUnforeseen: UnforeseenErrorListener;
}

/** The REST API: wiring only. */
@Module({})
export class ApiModule {
  static register({ adapters, generator, sdkInstallation, metrics, onUnforeseen }: ApiModuleOptions): DynamicModule {
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
        ProcessListController,
        ProcessBatchController,
        BlobsController,
        PingController,
        HealthController,
      ],
      providers: [
        { provide: DependencyWatch, useValue: new DependencyWatch(adapters) },
        provide(PayloadStore, BlobStore),
        provide(Herald, MessageBus, Clock),
        provide(ReleaseProcesses, SpecStore, ProcessStore, Herald, Clock),
        provide(ClientSource, SpecStore, PayloadStore),
        { provide: ClientGenerator, useValue: generator },
        provide(FindSpec, SpecStore),
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
        { provide: ApiMetrics, useValue: metrics },
        provide(ScheduleProcess, SpecStore, ProcessStore, PayloadStore, ReleaseProcesses, Herald, Clock, ApiMetrics),
        provide(ScheduleBatch, SpecStore, CheckProcess, ScheduleProcess),
        provide(WaitForEnd, ProcessStore, Clock),
        provide(SubmitOnce, IdempotencyStore, Clock),
        provide(FindProcess, ProcessStore),
        provide(CancelProcess, ProcessStore, FindProcess, Clock),
        provide(ReplayProcess, FindProcess, ScheduleProcess, PayloadStore),
        { provide: PartRefusals, useFactory: () => new PartRefusals(onUnforeseen) },
        { provide: APP_PIPE, useClass: ValidationPipe },
        { provide: APP_FILTER, useFactory: () => new ErrorFilter(onUnforeseen) },
      ],
    };
  }
}
