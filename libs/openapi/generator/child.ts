/**
 * The child process in which documents from strangers are read: if one takes too long or too much memory, only this
 * process dies. It has an empty environment, opens no file and no connection, and answers one document at a time.
 */
import { readSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '#core';
import { compileDocument, schemaPieces, toTable } from '../compile.js';
import { excerpt } from '../json.js';
import type { DocumentLimits } from '../limits.js';
import { DocumentRefused } from '../refused.js';
import { typePieces } from '../types/print-types.js';
import type { Warning } from '../warning.js';
import { yamlPieces } from '../yaml-text.js';
import { PIPE, type ChildReport, type GenerateRequest, type TextName } from './protocol.js';

/** Ends the process when its host is gone, even in the middle of a document that never ends. */
const WATCHDOG = `
const host = process.ppid;
setInterval(() => { if (process.ppid !== host) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

/** A text goes into the pipe in pieces of about this many characters. */
const PIECE_CHARACTERS = 64 * 1024;
/** Where pieces become bytes: up to three a character. Longer ones get room of their own. */
const room = Buffer.allocUnsafeSlow(6 * PIECE_CHARACTERS);
/** Bytes of this document's texts that are in the pipe, or were. */
let written = 0;

/** The host stops its children itself; a signal to the whole group must not look like a document's fault. */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', ({ documentBytes, limits }: GenerateRequest) => {
  written = 0;
  const document = takeDocument(documentBytes);
  void tell({ kind: 'begun' });
  void generate(document, limits).then(tell);
});
new Worker(WATCHDOG, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }).unref();

async function generate(document: Uint8Array, limits: DocumentLimits): Promise<ChildReport> {
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
    await tellText('schemas', schemaPieces(compiled));
    step = 'become TypeScript types';
    await tellText('types', typePieces(compiled.root, compiled.references));
    return { kind: 'done', residentBytes: process.memoryUsage.rss(), cpuSeconds: cpuSeconds() };
  } catch (error) {
    if (error instanceof DocumentRefused) warnings = error.warnings;
    if (error instanceof AppError) return { kind: 'refused', code: error.code, message: error.message, warnings };
    const reason = excerpt(messageOf(error), 200);
    const message = `Expected a document that can ${step}, got one for which that fails: ${reason}.`;
    return { kind: 'refused', code: 'SPEC_FAULT', message, warnings };
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function takeDocument(bytes: number): Uint8Array {
  const document = Buffer.allocUnsafeSlow(bytes);
  for (let filled = 0; filled < bytes;) {
    const taken = readSync(PIPE, document, filled, bytes - filled, null);
    // The host is gone.
    if (taken === 0) process.exit(0);
    filled += taken;
  }
  return document;
}

/** Gives a text away while it is made: a large one never stands in this process as a whole. */
async function tellText(text: TextName, pieces: Iterable<string>): Promise<void> {
  let part = '';
  for (const piece of pieces) {
    part += piece;
    if (part.length < PIECE_CHARACTERS) continue;
    put(part);
    part = '';
  }
  put(part);
  await tell({ kind: 'text', text });
}

/** Puts text into the pipe, and waits as long as that is full. */
function put(text: string): void {
  const bytes = 3 * text.length <= room.length ? room.subarray(0, room.write(text)) : Buffer.from(text);
  for (let gone = 0; gone < bytes.length;) gone += writeSync(PIPE, bytes, gone);
  written += bytes.length;
}

/** Resolves when the report is on its way; a host that is gone ends this process by itself. */
function tell(report: ChildReport): Promise<void> {
  return new Promise((resolve) => process.send?.({ ...report, written }, () => resolve()));
}
