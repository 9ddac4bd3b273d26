/** A typed client over the operation table beside this file. Generated: changes are lost. */
import { createClient as clientOf, readTable } from './runtime/runtime.js';
export { isCallError } from './runtime/runtime.js';
import type { ClientTable } from './runtime/runtime.js';
import type { Client, ClientOptions } from './runtime/runtime.js';
import type { credentials } from './credentials.js';
import type { components, operations, paths } from './types.js';

export type * from './runtime/runtime.js';
export type * from './credentials.js';
export type * from './types.js';

/** The client of this service, e.g. as the type of a parameter. */
export type ServiceClient = Client<paths, operations, credentials>;
/** The schemas of the document: `Schemas['User']`. */
export type Schemas = components['schemas'];

let table: ClientTable | undefined;

/** Makes a client. Close it when the program goes on without it. */
export function createClient(options: ClientOptions<credentials> = {}): ServiceClient {
  table ??= readTable(import.meta, './operations.json');
  return clientOf<paths, operations, credentials>(table, options);
}
