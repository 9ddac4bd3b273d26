import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';

/** A provider for a class that knows nothing of Nest: made from the things under these tokens, in this order. */
export function provide<T>(type: Type<T>, ...inject: InjectionToken[]): FactoryProvider<T> {
  return { provide: type, inject, useFactory: (...dependencies: unknown[]) => new type(...dependencies) };
}
