import converter from 'swagger2openapi';
import { Permanent, messageOf } from '#core';
import { excerpt, isObject, own, type Json } from '../json.js';
import { Context } from '../normalise/context.js';
import { METHODS } from '../normalise/methods.js';
import { Place } from '../place.js';
import type { Warnings } from '../warning.js';
import { styleForm, styleParameter } from './swagger-collection.js';
import { HiddenKeys } from './swagger-keys.js';
import { swaggerSecuritySchemes } from './swagger-security.js';
import { swaggerServers } from './swagger-server.js';
import { shapeSwagger } from './swagger-shape.js';

/** What the converter gets wrong, told by path and method, to be put back afterwards. */
interface SetAside {
  readonly security: unknown;
  readonly schemes: unknown;
}

/**
 * Upgrades a Swagger 2.0 document to OpenAPI 3.0 with swagger2openapi; servers, security and collection formats are
 * upgraded here, for it loses parts of them. Nothing outside the document is read. The document is changed on the way.
 * @throws Permanent when the converter cannot cope with the document.
 */
export async function upgradeSwagger(root: Json, warnings: Warnings): Promise<Json> {
  shapeSwagger(root, new Context(root, 'swagger', warnings));
  const servers = swaggerServers(root);
  const schemes = swaggerSecuritySchemes(own(root, 'securityDefinitions'));
  const security = own(root, 'security');
  const aside = setAside(root);
  const scopedServers = (list: unknown): Json[] => swaggerServers(root, list);
  const operationServers = new Map(
    [...aside].map(([operation, { schemes: own_ }]) => [operation, own_ ? scopedServers(own_) : null]),
  );
  for (const key of ['securityDefinitions', 'security', 'host', 'basePath', 'schemes', 'x-ms-parameterized-host']) {
    Reflect.deleteProperty(root, key);
  }
  const hidden = new HiddenKeys();
  hidden.hide(root);
  const upgraded = await convert(root);
  hidden.restore(upgraded);
  if (servers.length > 0) upgraded.servers = servers;
  if (security !== undefined) upgraded.security = security;
  const components = isObject(own(upgraded, 'components')) ? (upgraded.components as Json) : {};
  upgraded.components = components;
  if (Object.keys(schemes).length > 0) components.securitySchemes = schemes;
  for (const parameter of Object.values(isObject(components.parameters) ? components.parameters : {}))
    styleParameter(parameter);
  for (const item of Object.values(isObject(upgraded.paths) ? upgraded.paths : {})) finish(item);
  eachOperation(upgraded, (operation, key) => {
    finish(operation);
    const kept = aside.get(key);
    if (kept?.security !== undefined) operation.security = kept.security;
    const ownServers = operationServers.get(key);
    if (ownServers && ownServers.length > 0) operation.servers = ownServers;
  });
  tellLosses(upgraded, Place.root, warnings);
  return upgraded;
}

async function convert(root: Json): Promise<Json> {
  try {
    // `text` keeps the converter from writing the document out as YAML first. `resolveInternal` keeps each body at its
    // operation: otherwise equal ones are found by a 32-bit hash, and two that differ may be taken for one.
    return await converter.convertObj(root, {
      patch: true,
      warnOnly: true,
      resolveInternal: true,
      direct: true,
      text: ' ',
    });
  } catch (cause) {
    const reason = excerpt(messageOf(cause), 120);
    throw new Permanent(
      'SPEC_UPGRADE',
      `Expected a Swagger 2.0 document that can be upgraded to OpenAPI 3.0, got a fault: ${reason}.`,
      { cause },
    );
  }
}

function setAside(root: Json): Map<string, SetAside> {
  const aside = new Map<string, SetAside>();
  eachOperation(root, (operation, key) => {
    aside.set(key, { security: own(operation, 'security'), schemes: own(operation, 'schemes') });
    Reflect.deleteProperty(operation, 'security');
    Reflect.deleteProperty(operation, 'schemes');
  });
  return aside;
}

function eachOperation(root: Json, visit: (operation: Json, key: string) => void): void {
  const paths = own(root, 'paths');
  for (const [path, item] of Object.entries(isObject(paths) ? paths : {})) {
    for (const method of METHODS) {
      const operation = own(item, method);
      if (isObject(operation)) visit(operation, `${method} ${path}`);
    }
  }
}

/** Styles the parameters and the body of an operation, or the parameters of a path. */
function finish(node: unknown): void {
  const parameters = own(node, 'parameters');
  for (const parameter of Array.isArray(parameters) ? parameters : []) styleParameter(parameter);
  const content = own(own(node, 'requestBody'), 'content');
  for (const mediaType of Object.values(isObject(content) ? content : {})) styleForm(mediaType);
}

/** The converter notes what it could not carry over, and other things of its own, as extensions. */
function tellLosses(node: unknown, place: Place, warnings: Warnings): void {
  if (typeof node !== 'object' || node === null) return;
  // It deletes nulls, and leaves holes where they stood in a list.
  if (Array.isArray(node)) for (let index = 0; index < node.length; index += 1) node[index] ??= null;
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('x-s2o-')) {
      if (key === 'x-s2o-warning') warnings.add('upgrade', place, `${excerpt(String(value), 200)}.`);
      Reflect.deleteProperty(node, key);
    } else if (typeof value === 'object' && value !== null) {
      tellLosses(value, place.at(key), warnings);
    }
  }
}
