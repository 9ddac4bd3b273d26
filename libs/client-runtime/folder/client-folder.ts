import { formatTimestamp } from '#core';
import type { OperationTable, Spec } from '#core';
import { CLIENT_MODULE, CLIENT_SCRIPT, COMMAND, TSCONFIG } from './client-module.js';
import { credentialTypes } from './credential-types.js';
import { metadataYaml } from './metadata.js';
import { clientName, clientVersion, packageJson } from './package-json.js';
import { readme } from './readme.js';
import { runtimeFiles } from './runtime-files.js';
import { escapeUnseen } from './source-text.js';

export interface ClientFolderInput {
  /** Without a version: of a document that nobody has registered. */
  readonly spec: Pick<Spec, 'traceId' | 'name'> & Partial<Pick<Spec, 'version'>>;
  readonly table: OperationTable;
  /** The normalised document. */
  readonly yaml: string;
  /** Its types: exports `paths`, `operations` and `components`. */
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
  const name = clientName(spec);
  return {
    'spec.yaml': yaml,
    'service.metadata.yaml': metadataYaml({
      traceId: spec.traceId,
      name: spec.name,
      updatedAt: formatTimestamp(now),
    }),
    'operations.json': `${escapeUnseen(JSON.stringify(table, null, indent))}\n`,
    'types.ts': types,
    'credentials.ts': credentialTypes(table),
    'client.ts': CLIENT_MODULE,
    'client.js': CLIENT_SCRIPT,
    'README.md': readme({ title: spec.name, packageName: name, table }),
    'package.json': json(packageJson(name, clientVersion(table.documentVersion, spec.version ?? 0))),
    'tsconfig.json': json(TSCONFIG),
    'bin/client': COMMAND,
  };
}

/** As it stands in a file. */
export function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
