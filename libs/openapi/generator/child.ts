/**
 * The child process in which documents from strangers are read: if one takes too long or too much memory, only this
 * process dies. It has an empty environment, opens no file and no connection, and answers one document at a time.
 */
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '#core';
import { compileDocument, toSchemas, toTable } from '../compile.js';
import { excerpt } from '../json.js';
import { DocumentRefused } from '../refused.js';
import { typePieces } from '../types/print-types.js';
import type { Warning } from '../warning.js';
import { yamlPieces } from '../yaml-text.js';
import type { ChildMessage, GenerateRequest, TextName } from './protocol.js';

/** Ends the process when its host is gone, even in the middle of a document that never ends. */
const WATCHDOG = `
const host = process.ppid;
setInterval(() => { if (process.ppid !== host) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

/** A text is told in pieces of about this many characters. */
const PIECE_CHARACTERS = 128 * 1024;

/** The host stops its children itself; a signal to the whole group must not look like a document's fault. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (request: GenerateRequest) => {
  void tell({ kind: 'begun' });
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
    await tellText('yaml', yamlPieces(compiled.root));
    await tell({ kind: 'yaml', warnings });
    step = 'become an operation table';
    const { table, summary } = toTable(compiled);
    await tellText('table', [JSON.stringify(table)]);
    await tellText('summary', [JSON.stringify(summary)]);
    step = 'become a table of schemas';
    await tellText('schemas', [JSON.stringify(toSchemas(compiled))]);
    step = 'become TypeScript types';
    await tellText('types', typePieces(compiled.root, compiled.references));
    return { kind: 'done', residentBytes: process.memoryUsage.rss() };
  } catch (error) {
    if (error instanceof DocumentRefused) warnings = error.warnings;
    if (error instanceof AppError) return { kind: 'refused', code: error.code, message: error.message, warnings };
    const reason = excerpt(messageOf(error), 200);
    const message = `Expected a document that can ${step}, got one for which that fails: ${reason}.`;
    return { kind: 'refused', code: 'SPEC_FAULT', message, warnings };
  }
}

/** Tells a text while it is made: a large one never stands in this process as a whole. */
async function tellText(text: TextName, pieces: Iterable<string>): Promise<void> {
  let part = '';
  for (const piece of pieces) {
    part += piece;
    if (part.length < PIECE_CHARACTERS) continue;
    await tell({ kind: 'piece', text, bytes: Buffer.from(part) });
    part = '';
  }
  if (part !== '') await tell({ kind: 'piece', text, bytes: Buffer.from(part) });
}

/** Resolves when the message is on its way; a host that is gone ends this process by itself. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}
