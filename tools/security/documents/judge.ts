import yaml from 'js-yaml';
import ts from 'typescript';
import { parse } from 'yaml';
import { messageOf } from '#core';
import { MARK } from './texts.js';

export type Files = Readonly<Record<string, string>>;

/** Code that is made of a document: types, of which nothing is left when they are compiled. */
const TYPES = ['types.d.ts', 'credentials.d.ts'];
const NOTHING = /^(export \{\};\s*)?$/;
const DATA = ['operations.json', 'package.json', 'spec.yaml', 'service.metadata.yaml', 'README.md'];
const MADE = new Set([...TYPES, ...DATA]);
const MOST_READ_TWICE = 500_000;
/** Characters that make people read another text than programs do. */
const UNSEEN = /[^\P{Cc}\t\r\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/**
 * What is wrong with the files of a client, whose document has MARK wherever it can have text: it may stand in strings and
 * comments only, and nothing of a document may be code.
 * @param plain the files of a harmless document's client.
 */
export function faultsOf(files: Files, plain: Files): string[] {
  const names = [...new Set([...Object.keys(files), ...Object.keys(plain)])];
  const faults = names
    .filter((name) => (MADE.has(name) ? !(name in files) : files[name] !== plain[name]))
    .map((name) => `${JSON.stringify(name)} is not as in others`);
  for (const name of TYPES) faults.push(...faultsOfTypes(name, files[name] ?? ''));
  for (const name of ['operations.json', 'package.json']) attempt(name, () => JSON.parse(files[name] ?? ''), faults);
  for (const name of ['spec.yaml', 'service.metadata.yaml']) {
    attempt(name, () => yaml.load(files[name] ?? ''), faults);
    // Another reader, which takes minutes for large ones and reads less deep ones.
    if ((files[name]?.length ?? 0) < MOST_READ_TWICE)
      attempt(name, () => parse(files[name] ?? '', { maxAliasCount: 0, uniqueKeys: false }) as unknown, faults);
  }
  for (const name of MADE) if (UNSEEN.test(files[name] ?? '')) faults.push(`${name} has characters that nobody sees`);
  return faults;
}

function attempt(name: string, read: () => unknown, faults: string[]): void {
  try {
    read();
  } catch (error) {
    if (!messageOf(error).includes('maxDepth'))
      faults.push(`${name} cannot be read back: ${messageOf(error).slice(0, 200)}`);
  }
}

function faultsOfTypes(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  // Neither is told by the public types: what the parser found wrong, and comments by which faults are left out.
  const { parseDiagnostics, commentDirectives } = source as unknown as {
    parseDiagnostics: ts.Diagnostic[];
    commentDirectives?: unknown[];
  };
  const faults = parseDiagnostics.map(({ messageText }) => `${name} cannot be parsed: ${JSON.stringify(messageText)}`);
  const directives = [...source.referencedFiles, ...source.typeReferenceDirectives, ...source.libReferenceDirectives];
  if (directives.length > 0) faults.push(`${name} refers to other files by comments`);
  if ((commentDirectives ?? []).length > 0 || text.slice(0, source.getStart()).includes('@ts-nocheck'))
    faults.push(`${name} has comments that hide faults`);
  for (const statement of source.statements) {
    const isImport = ts.isImportDeclaration(statement);
    if (isImport && !isOwnImport(statement)) faults.push(`${name} imports ${statement.moduleSpecifier.getText()}`);
    if (isImport || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) continue;
    faults.push(`${name} has code: ${statement.getText().slice(0, 80)}`);
  }
  const visit = (node: ts.Node): void => {
    const isString = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node);
    const isLeaf = node.getChildCount() === 0;
    if (isLeaf && !isString && node.getText().includes(MARK))
      faults.push(`${name}: out of its string: ${node.getText().slice(0, 80)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true },
  });
  if (!NOTHING.test(outputText)) faults.push(`${name} compiles to code: ${outputText.slice(0, 80)}`);
  return faults;
}

function isOwnImport(declaration: ts.ImportDeclaration): boolean {
  const { importClause, moduleSpecifier } = declaration;
  return (
    importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword &&
    ts.isStringLiteral(moduleSpecifier) &&
    moduleSpecifier.text === './runtime/runtime.js'
  );
}
