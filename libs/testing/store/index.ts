export * from './harness.js';
export * from './idempotency-store-conformance.js';
export * from './key-store-conformance.js';
export * from './log-store-conformance.js';
export * from './process-store-conformance.js';
export * from './samples.js';
export * from './sdk-store-conformance.js';
export * from './spec-store-conformance.js';
