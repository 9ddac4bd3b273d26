import fc from 'fast-check';
import yaml from 'js-yaml';
import ts from 'typescript';
import { AppError } from '#core';
import { compileDocument, DEFAULT_LIMITS, toSchemas, toTable } from '#openapi';
import {
  oddTexts,
  richDocuments,
  withEachNameReplaced,
  withEachValueReplaced,
  HOSTILE_NAMES,
} from '../../../libs/testing/documents/index.js';
import { printTypes } from '../../../libs/openapi/types/print-types.js';
import { yamlPieces } from '../../../libs/openapi/yaml-text.js';
import { mutated } from './mutated.js';
import { expect, type Target } from './target.js';

const LIMITS = { ...DEFAULT_LIMITS, maxBytes: 1_000_000, maxAliasedValues: 20_000 };
const SPECIAL = [
  '"$ref": "#/paths"',
  '$ref',
  '{"$ref":"#"}',
  '&a ',
  '*a',
  '<<: *a',
  '!!js/function ',
  '!!binary ',
  '? ',
  ': ',
  '- ',
  '|\n',
  '>\n',
  '---\n',
  '...\n',
  '%YAML 1.2\n',
  '/*',
  '*/',
  '//',
  ',,',
  '[',
  ']',
  '{',
  '}',
  '\\u0000',
  '\\ud800',
  '\u2028',
  '\ufeff',
  '\0',
  '1e999',
  '-0',
  '0x1F',
  'NaN',
  'null',
  '"__proto__":',
  '__proto__: ',
  '"allOf":',
  '"type":',
  '"in":"path"',
  '{id}',
  "'",
  '"',
  '`',
  '\t',
  '\r',
];

const root = new Set(Reflect.ownKeys(Object.prototype));

function* broken(): Generator<Buffer> {
  for (const document of Object.values(richDocuments())) {
    yield Buffer.from(JSON.stringify(document));
    yield Buffer.from(yaml.dump(document, { noRefs: true }));
    for (const each of withEachValueReplaced(document, 61)) yield Buffer.from(JSON.stringify(each.document));
    for (const each of withEachNameReplaced(document, HOSTILE_NAMES, 31))
      yield Buffer.from(JSON.stringify(each.document));
  }
  for (const [, bytes] of oddTexts()) yield bytes;
}

/** Reads documents: ends with tables, YAML and types that hold, or with a sentence. */
export const documents: Target = {
  name: 'documents',
  inputs: fc.oneof(
    { weight: 9, arbitrary: mutated([...broken()], SPECIAL) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  ),
  async check(input) {
    const compiled = await compileDocument(input, LIMITS).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    expect(
      Reflect.ownKeys(Object.prototype).every((key) => root.has(key)),
      'what all objects share was changed',
    );
    if (compiled === null) return;
    const { table } = toTable(compiled);
    JSON.parse(JSON.stringify([table, toSchemas(compiled)]));
    const text = [...yamlPieces(compiled.root)].join('');
    const again = JSON.stringify(yaml.load(text, { json: true }));
    expect(again === JSON.stringify(compiled.root), 'the YAML reads back as something else');
    const types = ts.createSourceFile(
      'types.ts',
      printTypes(compiled.root, compiled.references),
      ts.ScriptTarget.ESNext,
      false,
      ts.ScriptKind.TS,
    );
    const { parseDiagnostics } = types as unknown as { parseDiagnostics: ts.Diagnostic[] };
    expect(
      parseDiagnostics.length === 0,
      `the types cannot be parsed: ${JSON.stringify(parseDiagnostics[0]?.messageText)}`,
    );
    const isDeclared = types.statements.every(
      (each) => ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each),
    );
    expect(isDeclared, 'the types have code');
  },
};
