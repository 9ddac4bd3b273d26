/** A typed client over the operation table beside this file. Generated: changes are lost. */
import { createClient as clientOf, readTable } from './runtime/runtime.js';
import type { Client, ClientOptions } from './runtime/runtime.js';
import type { paths } from './types.js';

export type * from './types.js';
export type { Client, ClientOptions } from './runtime/runtime.js';

/** Makes a client. Close it when the program goes on without it. */
export function createClient(options: ClientOptions = {}): Client<paths> {
  return clientOf<paths>(readTable(import.meta, 'operations.json'), options);
}
