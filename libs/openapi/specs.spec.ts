import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { documents } from '#testing';
import { compileDocument, toTable } from './compile.js';
import { ClientGenerator } from './generator/client-generator.js';
import { typecheck } from './review/typecheck.js';

/** Published documents to develop against; `npm run specs` sweeps all of them, this is every eighth up to 300 KB. */
const FOLDER = fileURLToPath(new URL('../../../shared/specs', import.meta.url));
const EVERY = 8;
const LARGEST_BYTES = 300_000;

const isThere = existsSync(FOLDER);
if (!isThere) process.stdout.write(`Skipped: published documents, for ${FOLDER} does not exist.\n`);

(isThere ? describe : describe.skip)('published documents', () => {
  const generator = new ClientGenerator();
  afterAll(() => generator.close());

  it('lose nothing of Swagger 2.0', async () => {
    let read = 0;
    for (const name of await names()) {
      const document = await readFile(join(FOLDER, name));
      if (!name.endsWith('.swagger.json') || document.length > LARGEST_BYTES) continue;
      const compiled = await compileDocument(document);
      const raw = rawJson(document);
      if (raw === null) continue;
      read += 1;
      expect(documents.lossesOf(raw, documents.keptOf(toTable(compiled).table, compiled.root))).toEqual([]);
    }
    expect(read).toBeGreaterThan(30);
  });

  it('generate, and their types hold', async () => {
    const files: Record<string, string> = {};
    for (const [index, name] of (await names()).filter((_, position) => position % EVERY === 0).entries()) {
      const document = await readFile(join(FOLDER, name));
      if (document.length > LARGEST_BYTES) continue;
      const generated = await generator.generate(document);
      expect(Object.keys(generated.summary.endpoints)).toHaveLength(generated.table.operations.length);
      files[`types${index}.ts`] = generated.types;
    }
    expect(Object.keys(files).length).toBeGreaterThan(10);
    expect(await typecheck(files)).toBeNull();
  });
});

async function names(): Promise<string[]> {
  return (await readdir(FOLDER, { recursive: true })).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
}

/** A document as it was sent; null for the few that are no JSON without a repair. */
function rawJson(document: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(document.toString('utf8').replace(/^\ufeff/, '')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
