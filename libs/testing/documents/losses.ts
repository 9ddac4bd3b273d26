import type { OperationTable } from '#core';

type Node = Record<string, unknown>;

/** What a client knows of one operation, reduced to what can be lost. */
export interface Kept {
  readonly parameters: ReadonlySet<string>;
  readonly hasBody: boolean;
  readonly formFields: ReadonlySet<string>;
  readonly responses: ReadonlySet<string>;
  readonly security: readonly unknown[];
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);
const LOCATIONS = new Set(['path', 'query', 'header', 'cookie']);
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

/** What is kept of a client, by `"GET /path"`. @param root the normalised document, for its responses. */
export function keptOf(table: OperationTable, root: Node): Map<string, Kept> {
  const paths = root.paths as Record<string, Record<string, { responses?: Node }>>;
  return new Map(
    table.operations.map(({ method, path, parameters, requestBody, security }) => [
      `${method} ${path}`,
      {
        parameters: new Set(parameters.map((parameter) => `${parameter.in} ${nameOf(parameter.in, parameter.name)}`)),
        hasBody: requestBody !== undefined,
        formFields: new Set(requestBody?.content.flatMap((media) => Object.keys(media.properties ?? {}))),
        responses: new Set(Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {})),
        security,
      },
    ]),
  );
}

function nameOf(location: string, name: string): string {
  return location === 'header' ? name.toLowerCase() : name;
}

/**
 * What a Swagger 2.0 document declares and its client lacks: one sentence for each operation, parameter, body, form field, response
 * and security requirement. The document is read here from its JSON alone, by other code than the product's.
 * @param kept what the client has, by `"GET /path"`.
 */
export function lossesOf(root: Node, kept: ReadonlyMap<string, Kept>): string[] {
  const losses: string[] = [];
  for (const [path, given] of Object.entries(isNode(root.paths) ? root.paths : {})) {
    if (path.startsWith('x-')) continue;
    const item = resolve(root, given);
    for (const [key, operation] of Object.entries(isNode(item) ? item : {})) {
      if (!METHODS.has(key.toLowerCase()) || !isNode(operation) || '$ref' in operation) continue;
      const name = `${key.toUpperCase()} ${path}`;
      const found = kept.get(name);
      if (!found) losses.push(`${name} is lost`);
      else for (const loss of lost(root, path, item as Node, operation, found)) losses.push(`${name} lost ${loss}`);
    }
  }
  return losses;
}

function lost(root: Node, path: string, item: Node, operation: Node, found: Kept): string[] {
  const losses: string[] = [];
  const list = [item.parameters, operation.parameters].flatMap(
    (value) => (Array.isArray(value) ? value : []) as unknown[],
  );
  const parameters = list.map((value) => resolve(root, value)).filter(isNode);
  const hasBody = parameters.some((parameter) => locationOf(parameter) === 'body');
  for (const parameter of parameters) {
    const name = typeof parameter.name === 'number' ? String(parameter.name) : parameter.name;
    const location = locationOf(parameter);
    if (location === 'body' && !found.hasBody) losses.push('its body');
    if (typeof name !== 'string' || name.trim() === '') continue;
    if ((location === 'formData' || location === 'form') && !hasBody && !found.formFields.has(name))
      losses.push(`the form field ${name}`);
    if (!LOCATIONS.has(location)) continue;
    if (location === 'header' && NOT_PARAMETERS.has(name.toLowerCase())) continue;
    if (location === 'path' && !path.includes(`{${name}}`)) continue;
    if (!found.parameters.has(`${location} ${nameOf(location, name)}`))
      losses.push(`the ${location} parameter ${name}`);
  }
  for (const [status, response] of Object.entries(isNode(operation.responses) ? operation.responses : {})) {
    if (!status.startsWith('x-') && isNode(response) && !found.responses.has(status))
      losses.push(`its response ${status}`);
  }
  return [...losses, ...lostSecurity(root, operation, found)];
}

function lostSecurity(root: Node, operation: Node, found: Kept): string[] {
  const declared = isNode(root.securityDefinitions) ? root.securityDefinitions : {};
  const security = operation.security ?? root.security;
  const wanted = (Array.isArray(security) ? security : []).filter(
    (requirement) => isNode(requirement) && Object.keys(requirement).every((name) => isGood(declared[name])),
  );
  return found.security.length < wanted.length ? ['a security requirement'] : [];
}

function isGood(scheme: unknown): boolean {
  if (!isNode(scheme)) return false;
  if (scheme.type === 'apiKey') return typeof scheme.name === 'string' && scheme.name.trim() !== '';
  return scheme.type === 'basic' || scheme.type === 'oauth2';
}

function locationOf(parameter: Node): string {
  const location = typeof parameter.in === 'string' ? parameter.in.trim().toLowerCase() : '';
  return location === 'formdata' ? 'formData' : location;
}

function resolve(root: Node, value: unknown): unknown {
  let node = value;
  for (let hops = 0; hops < 10 && isNode(node) && typeof node.$ref === 'string'; hops += 1) {
    if (!node.$ref.startsWith('#/')) return undefined;
    const keys = node.$ref
      .slice(2)
      .split('/')
      .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    node = keys.reduce<unknown>(
      (parent, key) => (isNode(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined),
      root,
    );
  }
  return node;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
