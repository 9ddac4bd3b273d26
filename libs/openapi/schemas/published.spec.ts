import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { driftOf, validateInput, type CheckedInput } from '#client-runtime';
import type { Operation, Parameter } from '#core';
import { compileDocument, diffSpecs, toSchemas, toTable, type CompiledDocument } from '#openapi';
import { exampleOf } from '../table/example.js';
import { object } from '../table/reading.js';

/** Published documents to develop against: every sixth up to 300 KB. */
const FOLDER = fileURLToPath(new URL('../../../../shared/specs', import.meta.url));
const EVERY = 6;
const LARGEST_BYTES = 300_000;

const isThere = existsSync(FOLDER);
if (!isThere) process.stdout.write(`Skipped: checks of published documents, for ${FOLDER} does not exist.\n`);

function valuesIn({ parameters }: Operation, place: Parameter['in']): Record<string, unknown> {
  return Object.fromEntries(parameters.filter((one) => one.in === place).map(({ name, example }) => [name, example]));
}

/** The document's own example of a call; undefined when it needs a body other than JSON, which has to be written first. */
function exampleInput(operation: Operation): CheckedInput | undefined {
  const media = operation.requestBody?.content.find(({ contentType }) => contentType === 'application/json');
  if (!media && operation.requestBody?.required) return undefined;
  return {
    urlParams: valuesIn(operation, 'path'),
    queryParams: { ...valuesIn(operation, 'query'), ...valuesIn(operation, 'querystring') },
    headers: valuesIn(operation, 'header'),
    cookieParams: valuesIn(operation, 'cookie'),
    ...(media ? { body: media.example, contentType: media.contentType } : {}),
  };
}

/** An answer of each status that has a JSON schema, made from it. */
function exampleAnswers({ root, references }: CompiledDocument, { method, path }: Operation): [number, Uint8Array][] {
  const operation = object(object(object(root, 'paths'), path), method.toLowerCase());
  return Object.entries(object(operation, 'responses')).flatMap(([status, given]): [number, Uint8Array][] => {
    const content = object(references.resolve(given), 'content');
    if (!Object.hasOwn(content, 'application/json') || !/^\d{3}$/.test(status)) return [];
    const schema = object(content, 'application/json').schema ?? {};
    return [[Number(status), Buffer.from(JSON.stringify(exampleOf(schema, references)))]];
  });
}

(isThere ? describe : describe.skip)('published documents', () => {
  it('accept their own examples, and answers made of their schemas have no drift', async () => {
    const names = (await readdir(FOLDER, { recursive: true })).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
    const count = { calls: 0, right: 0, answers: 0, asDeclared: 0 };
    for (const name of names.filter((_, index) => index % EVERY === 0)) {
      const bytes = await readFile(join(FOLDER, name));
      if (bytes.length > LARGEST_BYTES) continue;
      const compiled = await compileDocument(bytes);
      const { table } = toTable(compiled);
      const schemas = toSchemas(compiled);
      for (const operation of table.operations) {
        const input = exampleInput(operation);
        if (input) {
          count.calls += 1;
          if (validateInput(operation, schemas, input).length === 0) count.right += 1;
        }
        for (const [status, body] of exampleAnswers(compiled, operation)) {
          count.answers += 1;
          const headers: [string, string][] = [['Content-Type', 'application/json']];
          const drift = driftOf(operation, schemas, { status, headers, body });
          if (drift.every(({ place }) => place === 'header')) count.asDeclared += 1;
        }
      }
      expect(diffSpecs({ table, schemas }, { table, schemas })).toEqual([]);
    }
    expect(count.calls).toBeGreaterThan(100);
    // Some documents contradict themselves.
    expect(count.right / count.calls).toBeGreaterThan(0.98);
    expect(count.asDeclared / count.answers).toBeGreaterThan(0.98);
  });
});
