import type { DocumentReport, Permanent } from '#core';
import { DocumentRefused } from '#openapi';
import type { GeneratedClient } from '#openapi';

/** What was found in a document that became a Client. */
export function reportOf({ table, warnings }: Pick<GeneratedClient, 'table' | 'warnings'>): DocumentReport {
  const { title, documentVersion, operations } = table;
  return { title, documentVersion, operations: operations.length, warnings };
}

/** What was found in a document before it was refused. */
export function reportOfRefusal(error: Permanent): DocumentReport {
  const warnings = error instanceof DocumentRefused ? error.warnings : [];
  return { title: null, documentVersion: null, operations: 0, warnings };
}
