import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from '../http/error.filter.js';
import type { UnforeseenErrorListener } from '../http/error.filter.js';
import { PingController } from './health/ping.controller.js';

/** The documentation's own routes; the page and the passage to the API are plugins of the server (see start.ts). */
@Module({})
export class ApidocModule {
  static register(onUnforeseen: UnforeseenErrorListener): DynamicModule {
    return {
      module: ApidocModule,
      controllers: [PingController],
      providers: [{ provide: APP_FILTER, useFactory: () => new ErrorFilter(onUnforeseen) }],
    };
  }
}
