export * from './dead-letter.js';
export type { FaultPolicy } from './dispatcher.js';
export * from './in-process/index.js';
export * from './rabbitmq/index.js';
