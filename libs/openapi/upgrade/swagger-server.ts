import { isObject, own, type Json } from '../json.js';

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

function schemeList(given: unknown): string[] {
  const list = (Array.isArray(given) ? given : [given]).map((scheme) => text(scheme).toLowerCase().replace(/:.*$/, ''));
  const order = ['https', 'http', 'wss', 'ws'];
  const known = order.filter((scheme) => list.includes(scheme));
  return known.length > 0 ? known : ['https'];
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
