import { formatTimestamp } from '#core';
import type { OperationTable, Spec } from '#core';
import { metadataYaml } from './metadata.js';
import { readme } from './readme.js';
import { runtimeFiles } from './runtime-files.js';
import { escapeUnseen } from './source-text.js';

export interface ClientFolderInput {
  readonly spec: Pick<Spec, 'traceId' | 'name'>;
  readonly table: OperationTable;
  /** The normalised document. */
  readonly yaml: string;
  /** What openapi-typescript made of it: exports `paths`. */
  readonly types: string;
  /** In epoch milliseconds. */
  readonly now: number;
}

/** Tables above this many operations are written without indentation. */
const INDENTED_OPERATIONS = 500;

/**
 * The files of a generated client by their paths in its folder, runtime included. `bin/client` must be made
 * executable. No header, credential or other value of the Spec is in any of them, and nothing from the document is
 * code: it stands in JSON, in the types and in the README.
 * @throws Unavailable when the runtime has not been built.
 */
export async function clientFolder(input: ClientFolderInput): Promise<Record<string, string>> {
  return { ...clientFiles(input), ...(await runtimeFiles()) };
}

/** The same without the runtime, which is equal for all. */
export function clientFiles({ spec, table, yaml, types, now }: ClientFolderInput): Record<string, string> {
  const indent = table.operations.length > INDENTED_OPERATIONS ? undefined : 2;
  return {
    'spec.yaml': yaml,
    'service.metadata.yaml': metadataYaml({
      traceId: spec.traceId,
      name: spec.name,
      updatedAt: formatTimestamp(now),
    }),
    'operations.json': `${escapeUnseen(JSON.stringify(table, null, indent))}\n`,
    'types.ts': types,
    'client.ts': CLIENT,
    'README.md': readme(spec.name, table),
    'package.json': `${JSON.stringify(packageOf(spec), null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(TSCONFIG, null, 2)}\n`,
    'bin/client': COMMAND,
  };
}

const CLIENT = `/** A typed client over the operation table beside this file. Generated: changes are lost. */
import { createClient as clientOf, readTable } from './runtime/runtime.js';
import type { Client, ClientOptions } from './runtime/runtime.js';
import type { paths } from './types.js';

export type * from './types.js';
export type { Client, ClientOptions } from './runtime/runtime.js';

/** Makes a client. Close it when the program goes on without it. */
export function createClient(options: ClientOptions = {}): Client<paths> {
  return clientOf<paths>(readTable(import.meta, 'operations.json'), options);
}
`;

const COMMAND = `#!/usr/bin/env node
import { runCommand } from '../runtime/runtime.js';

await runCommand(import.meta, '../operations.json');
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2022'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
  files: ['client.ts'],
};

function packageOf({ name, traceId }: ClientFolderInput['spec']): object {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  return {
    name: `callboard-client-${word || traceId.toLowerCase()}`,
    version: '0.0.0',
    private: true,
    type: 'module',
    bin: { client: './bin/client' },
    engines: { node: '>=20.19.0' },
  };
}
