import yaml from 'js-yaml';
import type { ClientSummary, OperationTable } from '#core';
import type { Json } from './json.js';
import { DEFAULT_LIMITS, type DocumentLimits } from './limits.js';
import { normaliseDocument } from './normalise/normalise.js';
import type { References } from './normalise/references.js';
import { readDocument } from './read/read-document.js';
import { makeOperationTable } from './table/operation-table.js';
import { summarise } from './table/summarise.js';
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
 * @throws Permanent with one sentence that names the place, when the bytes hold no OpenAPI document.
 */
export async function compileDocument(
  bytes: Uint8Array,
  limits: DocumentLimits = DEFAULT_LIMITS,
): Promise<CompiledDocument> {
  const warnings = new Warnings();
  const { root } = readDocument(bytes, limits, warnings);
  const dialect = detectDialect(root, warnings);
  if (dialect !== 'swagger')
    return { root, references: normaliseDocument(root, dialect, warnings), warnings: warnings.list };
  // The converter takes 60 ms to load, which the documents of other versions need not pay.
  const { upgradeSwagger } = await import('./upgrade/swagger.js');
  const upgraded = await upgradeSwagger(root, warnings);
  return { root: upgraded, references: normaliseDocument(upgraded, '3.0', warnings), warnings: warnings.list };
}

/** The normalised document as YAML. References stay references, so it is not larger than the document was. */
export function toYaml({ root }: CompiledDocument): string {
  return yaml.dump(root, { noRefs: true, lineWidth: -1, noCompatMode: true });
}

/** The operation table and the summary of a compiled document. */
export function toTable({ root, references }: CompiledDocument): { table: OperationTable; summary: ClientSummary } {
  const table = makeOperationTable(root, references);
  return { table, summary: summarise(table) };
}
