/**
 * The modules of a generated client, which are the same for all: what differs stands in the table beside them and in
 * `types.ts` and `credentials.ts`.
 */

const TYPES = `import type { Client, ClientOptions } from './runtime/runtime.js';
import type { credentials } from './credentials.js';
import type { components, operations, paths } from './types.js';

export type * from './runtime/runtime.js';
export type * from './credentials.js';
export type * from './types.js';

/** The client of this service, e.g. as the type of a parameter. */
export type ServiceClient = Client<paths, operations, credentials>;
/** The schemas of the document: \`Schemas['User']\`. */
export type Schemas = components['schemas'];
`;

const HEADER = '/** A typed client over the operation table beside this file. Generated: changes are lost. */\n';
const SCRIPT_IMPORT = `import { createClient as clientOf, readTable } from './runtime/runtime.js';
export { isCallError } from './runtime/runtime.js';
`;
const ABOUT = '/** Makes a client. Close it when the program goes on without it. */\n';

/** `client.ts`: for whoever compiles or bundles it. */
export const CLIENT_MODULE = `${HEADER}${SCRIPT_IMPORT}import type { ClientTable } from './runtime/runtime.js';
${TYPES}
let table: ClientTable | undefined;

${ABOUT}export function createClient(options: ClientOptions<credentials> = {}): ServiceClient {
  table ??= readTable(import.meta, './operations.json');
  return clientOf<paths, operations, credentials>(table, options);
}
`;

/** `client.js`: the same for Node.js as it is. */
export const CLIENT_SCRIPT = `${HEADER}${SCRIPT_IMPORT}
let table;

${ABOUT}export function createClient(options = {}) {
  table ??= readTable(import.meta, './operations.json');
  return clientOf(table, options);
}
`;

/** `client.d.ts`: the types of \`client.js\` where there is no \`client.ts\`. */
export const CLIENT_DECLARATION = `${HEADER}export { isCallError } from './runtime/runtime.js';
${TYPES}
${ABOUT}export declare function createClient(options?: ClientOptions<credentials>): ServiceClient;
`;

/** `bin/client`. */
export const COMMAND = `#!/usr/bin/env node
import { runCommand } from '../runtime/runtime.js';

await runCommand(import.meta, '../operations.json');
`;

/** `tsconfig.json`: the folder type-checks by itself, with nothing installed. */
export const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipDefaultLibCheck: true,
    noEmit: true,
  },
  files: ['client.ts'],
};
