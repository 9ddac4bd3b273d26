import ts from 'typescript';
import type { GlobalContext, OpenAPI3 } from 'openapi-typescript';
// Not by the main entry: it loads a bundler that takes a quarter of a second and is never used here.
import { astToString } from 'openapi-typescript/dist/lib/ts.mjs';
import { scanDiscriminators } from 'openapi-typescript/dist/lib/utils.mjs';
import transformSchema from 'openapi-typescript/dist/transform/index.mjs';
import type { Json } from '../json.js';
import { isObject, own } from '../json.js';
import type { References } from '../normalise/references.js';
import { splitPointer } from '../place.js';
import { text } from '../table/reading.js';
import { viewDocument } from './document-view.js';
import { showNames } from './names.js';

const HEADER = '/** Types of the service, made from its OpenAPI document. Changes are overwritten. */\n\n';

/**
 * The TypeScript types of a normalised document: `paths`, `components` and `operations`, by openapi-typescript. No text of the
 * document can leave the comment or string that it stands in.
 */
export function printTypes(root: Json, references: References): string {
  const { document, hasDiscriminators } = viewDocument(root, references);
  const view = document as unknown as OpenAPI3;
  const context = contextFor(view, hasDiscriminators);
  const operations = collectOperations();
  context.injectFooter.push(operations.node);
  const ast = transformSchema(view, context);
  operations.finish();
  // The printer's own way is to write every character beyond ASCII as an escape.
  const formatOptions = { neverAsciiEscape: true } as object;
  return HEADER + showNames(astToString(ast, { formatOptions }));
}

/**
 * The `operations` interface, as a node that openapi-typescript finds and adds to. For each operation it copies the
 * list of those before: a minute for the largest documents. So the list it sees is always empty, and what it adds is kept here.
 */
function collectOperations(): { node: ts.InterfaceDeclaration; finish: () => void } {
  const added: ts.TypeElement[] = [];
  const modifiers = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const node = ts.factory.createInterfaceDeclaration(modifiers, 'operations', undefined, undefined, []);
  const empty = node.members;
  Object.defineProperty(node, 'members', {
    configurable: true,
    enumerable: true,
    get: () => empty,
    set: (members: readonly ts.TypeElement[]) => added.push(...members),
  });
  const finish = (): void => {
    Object.defineProperty(node, 'members', { value: ts.factory.createNodeArray(added) });
  };
  return { node, finish };
}

/** openapi-typescript's choices. It fetches and reads nothing when given a document that needs no bundling. */
function contextFor(view: OpenAPI3, hasDiscriminators: boolean): GlobalContext {
  return {
    additionalProperties: false,
    alphabetize: false,
    arrayLength: false,
    conditionalEnums: false,
    dedupeEnums: false,
    // A property with a default may be left out of a request: https://spec.openapis.org/oas/v3.0.4#properties
    defaultNonNullable: false,
    discriminators: hasDiscriminators ? scanDiscriminators(view, { silent: true }) : { objects: {}, refsHandled: [] },
    emptyObjectsUnknown: true,
    enum: false,
    enumValues: false,
    excludeDeprecated: false,
    exportType: false,
    generatePathParams: false,
    immutable: false,
    injectFooter: [],
    makePathsEnum: false,
    pathParamsAsTypes: false,
    postTransform: undefined,
    propertiesRequiredByDefault: false,
    readWriteMarkers: false,
    redoc: {} as GlobalContext['redoc'],
    resolve: ((ref: string) => resolve(view as unknown as Json, ref)) as GlobalContext['resolve'],
    rootTypes: false,
    rootTypesKeepCasing: false,
    rootTypesNoSchemaPrefix: false,
    silent: true,
    transform: undefined,
    transformProperty: undefined,
  };
}

function resolve(view: Json, ref: string): unknown {
  let node: unknown = { $ref: ref };
  for (let hops = 0; hops < 50; hops += 1) {
    const next = text(node, '$ref');
    if (next === undefined) return isObject(node) ? node : undefined;
    node = splitPointer(next.slice(1)).reduce<unknown>((parent, key) => own(parent, key), view);
  }
  return undefined;
}
