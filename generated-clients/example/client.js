/** A typed client over the operation table beside this file. Generated: changes are lost. */
import { createClient as clientOf, readTable } from './runtime/runtime.js';
export { isCallError } from './runtime/runtime.js';

let table;

/** Makes a client. Close it when the program goes on without it. */
export function createClient(options = {}) {
  table ??= readTable(import.meta, './operations.json');
  return clientOf(table, options);
}
