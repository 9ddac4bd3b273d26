/**
 * What the folder of a generated client gets as its runtime, in one file: tools/runtime-bundle.mjs bundles this module
 * and writes its types beside it.
 */
export { createClient, isCallError } from './client.js';
export { readTable, runCommand } from './command.js';
