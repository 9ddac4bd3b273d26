import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from '../http/error.filter.js';
import type { UnforeseenErrorListener } from '../http/error.filter.js';
import { PingController } from './health/ping.controller.js';

/** What a worker shows over HTTP: that it is there. */
@Module({})
export class WorkerModule {
  static register(onUnforeseen: UnforeseenErrorListener): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [PingController],
      providers: [{ provide: APP_FILTER, useFactory: () => new ErrorFilter(onUnforeseen) }],
    };
  }
}
