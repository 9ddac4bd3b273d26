import { Permanent, type ClientSummary, type OperationTable, type SchemaTable } from '#core';
import type { Json } from './json.js';
import { DEFAULT_LIMITS, type DocumentLimits } from './limits.js';
import { normaliseDocument } from './normalise/normalise.js';
import type { References } from './normalise/references.js';
import { readDocument, type ReadDocument } from './read/read-document.js';
import { DocumentRefused } from './refused.js';
import { makeSchemaTable, schemaTablePieces } from './schemas/schema-table.js';
import { makeOperationTable } from './table/operation-table.js';
import { summarise } from './table/summarise.js';
import { swaggerPointer } from './upgrade/swagger-pointer.js';
import { upgradeSwagger } from './upgrade/swagger.js';
import { detectDialect } from './upgrade/version.js';
import { Warnings, type Warning } from './warning.js';

/** A document that was read, checked, upgraded and normalised, and what can be made from it. */
export interface CompiledDocument {
  /** The normalised OpenAPI 3.x document. */
  readonly root: Json;
  /** Resolves references of `root`. */
  readonly references: References;
  readonly warnings: readonly Warning[];
}

/**
 * Takes a document's bytes to a normalised OpenAPI 3.x document, in this process: for a document from somebody else use
 * ClientGenerator, which bounds time and memory.
 * @throws DocumentRefused with one sentence that names the place, when the bytes hold no OpenAPI document.
 */
export async function compileDocument(
  bytes: Uint8Array,
  limits: DocumentLimits = DEFAULT_LIMITS,
): Promise<CompiledDocument> {
  const warnings = new Warnings();
  try {
    return await compile(bytes, limits, warnings);
  } catch (error) {
    if (!(error instanceof Permanent)) throw error;
    throw new DocumentRefused(error.code, error.message, warnings.list, { cause: error });
  }
}

async function compile(bytes: Uint8Array, limits: DocumentLimits, warnings: Warnings): Promise<CompiledDocument> {
  const { root, locate } = readDocument(bytes, limits, warnings);
  const dialect = detectDialect(root, warnings);
  if (dialect !== 'swagger') {
    const references = normaliseDocument(root, dialect, warnings);
    return { root, references, warnings: placed(warnings.list, locate) };
  }
  const upgraded = upgradeSwagger(root, warnings);
  const ownPlaces = warnings.list.length;
  const references = normaliseDocument(upgraded, '3.0', warnings, true);
  const list = warnings.list.map((warning, index) =>
    index < ownPlaces ? warning : { ...warning, pointer: swaggerPointer(warning.pointer) },
  );
  return { root: upgraded, references, warnings: placed(list, locate) };
}

function placed(warnings: readonly Warning[], locate: ReadDocument['locate']): readonly Warning[] {
  if (warnings.length === 0) return warnings;
  const positions = locate(warnings.map((warning) => warning.pointer));
  return warnings.map((warning) => ({ ...positions.get(warning.pointer), ...warning }));
}

/** The operation table and the summary of a compiled document. */
export function toTable({ root, references }: CompiledDocument): { table: OperationTable; summary: ClientSummary } {
  const table = makeOperationTable(root, references);
  return { table, summary: summarise(table) };
}

/** The schemas that inputs and answers of a compiled document's operations are checked by. */
export function toSchemas({ root, references }: CompiledDocument): SchemaTable {
  return makeSchemaTable(root, references);
}

/** The same as JSON in pieces. */
export function schemaPieces({ root, references }: CompiledDocument): Generator<string> {
  return schemaTablePieces(root, references);
}
