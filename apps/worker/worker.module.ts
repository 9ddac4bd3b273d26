import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { DependencyWatch, Supervisor } from '#core';
import { ErrorFilter } from '../http/error.filter.js';
import type { UnforeseenErrorListener } from '../http/error.filter.js';
import { HealthController } from './health/health.controller.js';
import { PingController } from './health/ping.controller.js';

export interface WorkerModuleOptions {
  readonly watch: DependencyWatch;
  readonly supervisor: Supervisor;
  readonly onUnforeseen: UnforeseenErrorListener;
}

/** What a worker shows over HTTP: that it is there, and how it is. */
@Module({})
export class WorkerModule {
  static register({ watch, supervisor, onUnforeseen }: WorkerModuleOptions): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [PingController, HealthController],
      providers: [
        { provide: DependencyWatch, useValue: watch },
        { provide: Supervisor, useValue: supervisor },
        { provide: APP_FILTER, useFactory: () => new ErrorFilter(onUnforeseen) },
      ],
    };
  }
}
