/**
 * The child process in which documents from strangers are read: if one takes too long or too much memory, only this
 * process dies. It has an empty environment, opens no file and no connection, and answers one document at a time.
 */
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '#core';
import { compileDocument, toSchemas, toTable, toYaml } from '../compile.js';
import { excerpt } from '../json.js';
import { DocumentRefused } from '../refused.js';
import type { Warning } from '../warning.js';
import type { ChildMessage, GenerateRequest } from './protocol.js';

/** Ends the process when its host is gone, even in the middle of a document that never ends. */
const WATCHDOG = `
const host = process.ppid;
setInterval(() => { if (process.ppid !== host) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

/** The host stops its children itself; a signal to the whole group must not look like a document's fault. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (request: GenerateRequest) => {
  tell({ kind: 'begun' });
  void generate(request).then(tell);
});
new Worker(WATCHDOG, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }).unref();

async function generate({ document, limits }: GenerateRequest): Promise<ChildMessage> {
  let step = 'be read';
  let warnings: readonly Warning[] = [];
  try {
    const compiled = await compileDocument(document, limits);
    warnings = compiled.warnings;
    step = 'be written as YAML';
    tell({ kind: 'yaml', yaml: toYaml(compiled) });
    step = 'become an operation table';
    const { table, summary } = toTable(compiled);
    const schemas = JSON.stringify(toSchemas(compiled));
    const texts = { table: JSON.stringify(table), summary: JSON.stringify(summary), schemas };
    step = 'become TypeScript types';
    // The compiler that prints the types takes half a second to load: the YAML need not wait for it.
    const { printTypes } = await import('../types/print-types.js');
    const types = printTypes(compiled.root, compiled.references);
    return { kind: 'client', ...texts, types, warnings, residentBytes: process.memoryUsage.rss() };
  } catch (error) {
    if (error instanceof DocumentRefused) warnings = error.warnings;
    if (error instanceof AppError) return { kind: 'refused', code: error.code, message: error.message, warnings };
    const reason = excerpt(messageOf(error), 200);
    const message = `Expected a document that can ${step}, got one for which that fails: ${reason}.`;
    return { kind: 'refused', code: 'SPEC_FAULT', message, warnings };
  }
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}
