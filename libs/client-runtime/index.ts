export { findOperation } from './find-operation.js';
export { buildRequest } from './request.js';
export type { HttpRequest } from './request.js';
export type { RequestInput } from './input.js';
export { HttpCaller } from './http/http-caller.js';
export type { CallOptions, HttpCallerOptions } from './http/http-caller.js';
export { CallFailed } from './http/call-failed.js';
export type { CallFault } from './http/call-failed.js';
