import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import {
  ApiKeyStore,
  AuditStore,
  BlobStore,
  Clock,
  DeadLetterStore,
  IdempotencyStore,
  KeyStore,
  LogStore,
  MessageBus,
  ProcessStore,
  ProjectStore,
  ResponseCache,
  SdkStore,
  SpecStore,
} from '#core';
import type { Adapters } from './open-adapters.js';

/** Makes opened adapters injectable by their ports. */
@Module({})
export class AdaptersModule {
  static of(adapters: Adapters): DynamicModule {
    const providers: Provider[] = [
      { provide: Clock, useValue: adapters.clock },
      { provide: SpecStore, useValue: adapters.specs },
      { provide: ProcessStore, useValue: adapters.processes },
      { provide: SdkStore, useValue: adapters.sdks },
      { provide: IdempotencyStore, useValue: adapters.idempotency },
      { provide: LogStore, useValue: adapters.logs },
      { provide: DeadLetterStore, useValue: adapters.deadLetters },
      { provide: KeyStore, useValue: adapters.keys },
      { provide: ProjectStore, useValue: adapters.projects },
      { provide: ApiKeyStore, useValue: adapters.apiKeys },
      { provide: AuditStore, useValue: adapters.audit },
      { provide: MessageBus, useValue: adapters.bus },
      { provide: ResponseCache, useValue: adapters.cache },
      { provide: BlobStore, useValue: adapters.blobs },
    ];
    return { module: AdaptersModule, providers, exports: providers };
  }
}
