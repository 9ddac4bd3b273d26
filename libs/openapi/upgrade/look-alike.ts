import { describe, excerpt, isObject, own, type Json } from '../json.js';

/** What documents of other kinds have at their root, and what they are called. */
const KINDS: readonly (readonly [isOne: (root: Json) => boolean, name: string])[] = [
  [has('asyncapi'), 'an AsyncAPI document'],
  [has('openrpc'), 'an OpenRPC document'],
  [has('arazzo'), 'an Arazzo document'],
  [has('overlay'), 'an OpenAPI Overlay'],
  [has('raml'), 'a RAML document'],
  [has('discoveryVersion'), 'a Google discovery document'],
  [has('__schema'), 'a GraphQL schema'],
  [(root) => own(own(root, 'data'), '__schema') !== undefined, 'a GraphQL schema'],
  [(root) => own(own(root, 'info'), '_postman_id') !== undefined || has('item', 'info')(root), 'a Postman collection'],
  [(root) => has('collection')(root) && has('item')(own(root, 'collection')), 'a Postman collection'],
  [(root) => String(own(root, '_type')) === 'export', 'an Insomnia export'],
  [(root) => own(own(root, 'log'), 'entries') !== undefined, 'an HTTP archive (HAR)'],
  [has('apiVersion', 'kind'), 'a Kubernetes manifest'],
  [has('$schema', 'contentVersion', 'resources'), 'an Azure template'],
  [has('AWSTemplateFormatVersion'), 'an AWS template'],
  [(root) => has('$schema')(root) || has('properties', 'type')(root), 'a JSON Schema'],
  [(root) => has('dependencies')(root) && has('name', 'version')(root), 'a package.json'],
];

function has(...keys: string[]): (root: unknown) => boolean {
  return (root) => keys.every((key) => own(root, key) !== undefined);
}

/** What a document that is no OpenAPI looks like, in words for a sentence. */
export function lookAlike(root: Json): string {
  const version = own(root, 'swaggerVersion') ?? (has('apis')(root) ? own(root, 'swagger') : undefined);
  if (version !== undefined) {
    const shown = typeof version === 'string' || typeof version === 'number' ? excerpt(String(version), 10) : '1.x';
    return `Swagger ${shown}, which has to be converted to 2.0 first`;
  }
  return KINDS.find(([isOne]) => isOne(root))?.[1] ?? describe(root);
}

/** Which version a document with paths was written for, told by the words it uses. */
export function versionByShape(root: Json): '2.0' | '3.0.3' | '3.1.0' | null {
  const paths = own(root, 'paths');
  if (!isObject(paths)) return isObject(own(root, 'webhooks')) ? '3.1.0' : null;
  if (has('components')(root) || has('servers')(root)) return has('jsonSchemaDialect')(root) ? '3.1.0' : '3.0.3';
  const words = ['definitions', 'securityDefinitions', 'host', 'basePath', 'schemes', 'consumes', 'produces'];
  if (words.some((word) => has(word)(root))) return '2.0';
  const operations = Object.values(paths)
    .filter(isObject)
    .flatMap((item) => Object.values(item).filter(isObject));
  return operations.some(isSwagger) ? '2.0' : operations.length > 0 ? '3.0.3' : null;
}

function isSwagger(operation: Json): boolean {
  const parameters = own(operation, 'parameters');
  const responses = own(operation, 'responses');
  return (
    (Array.isArray(parameters) && parameters.some((item) => has('type')(item) || own(item, 'in') === 'body')) ||
    (isObject(responses) && Object.values(responses).some((response) => has('schema')(response)))
  );
}
