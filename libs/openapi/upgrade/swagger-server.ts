import { describe, excerpt, isObject, own, type Json } from '../json.js';
import { Place } from '../place.js';
import type { Warnings } from '../warning.js';

/**
 * The servers that `schemes`, `host` and `basePath` describe: https before http, for the document gives no order.
 * Without schemes https is meant, without a host the server is relative.
 * https://spec.openapis.org/oas/v2.0#fixed-fields
 */
export function swaggerServers(root: Json, schemes: unknown = own(root, 'schemes')): Json[] {
  const basePath = text(own(root, 'basePath')).replace(/\/+$/, '');
  const path = basePath === '' || basePath.startsWith('/') ? basePath : `/${basePath}`;
  const template = parameterizedHost(root);
  const host = template?.host ?? text(own(root, 'host')).replace(/\/+$/, '');
  if (host === '') return path === '' ? [] : [{ url: path }];
  const variables = template && Object.keys(template.variables).length > 0 ? { variables: template.variables } : {};
  if (host.includes('://') || template?.isWhole) return [{ url: `${host}${path}`, ...variables }];
  return schemeList(schemes).map((scheme) => ({ url: `${scheme}://${host.replace(/^\/+/, '')}${path}`, ...variables }));
}

const ORDER: readonly string[] = ['https', 'http', 'wss', 'ws'];

function schemeList(given: unknown): string[] {
  const list = (Array.isArray(given) ? given : [given]).map((scheme) => text(scheme).toLowerCase().replace(/:.*$/, ''));
  const known = ORDER.filter((scheme) => list.includes(scheme));
  return known.length > 0 ? known : ['https'];
}

/** Lists what of `host`, `basePath` and `schemes` was not taken as it stands. */
export function tellServerRepairs(root: Json, warnings: Warnings): void {
  for (const key of ['host', 'basePath']) {
    const given = own(root, key);
    if (given === undefined || typeof given === 'string') continue;
    const done = text(given) === '' ? 'it was left out' : 'it was read as one';
    warnings.add('server', Place.root.at(key), `Expected a string, got ${describe(given)}; ${done}.`);
  }
  const path = text(own(root, 'basePath'));
  if (path !== '' && !path.startsWith('/')) {
    warnings.add('server', '/basePath', `The path \`${excerpt(path)}\` was read with a slash in front.`);
  }
  if (text(own(root, 'host')).includes('://')) {
    warnings.add(
      'server',
      '/host',
      'A host with a scheme was read as the URL of the server; `schemes` was passed over.',
    );
  }
  const schemes = own(root, 'schemes');
  const list: unknown[] = Array.isArray(schemes) ? schemes : [schemes];
  if (schemes !== undefined && !list.every((scheme) => ORDER.includes(String(scheme)))) {
    warnings.add(
      'server',
      '/schemes',
      `Expected some of ${ORDER.join(', ')}; read as ${schemeList(schemes).join(', ')}.`,
    );
  }
}

interface HostTemplate {
  readonly host: string;
  readonly isWhole: boolean;
  readonly variables: Record<string, Json>;
}

/** Azure's extension: https://azure.github.io/autorest/extensions/#x-ms-parameterized-host */
function parameterizedHost(root: Json): HostTemplate | null {
  const extension = own(root, 'x-ms-parameterized-host');
  const host = text(own(extension, 'hostTemplate'));
  if (host === '') return null;
  const list = own(extension, 'parameters');
  const variables: Record<string, Json> = {};
  for (const item of Array.isArray(list) ? list : []) {
    const ref = own(item, '$ref');
    const parameter =
      typeof ref === 'string' ? own(own(root, 'parameters'), ref.split('/').at(-1) ?? '') : (item as unknown);
    const name = own(parameter, 'name');
    if (typeof name !== 'string' || !isObject(parameter)) continue;
    const values = own(parameter, 'enum');
    const otherwise = own(parameter, 'default') ?? (Array.isArray(values) ? (values[0] as unknown) : undefined);
    variables[name] = otherwise === undefined ? {} : { default: text(otherwise) };
  }
  return { host, isWhole: own(extension, 'useSchemePrefix') === false, variables };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
