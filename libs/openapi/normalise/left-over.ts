import { isObject, own, type Json } from '../json.js';
import { Place } from '../place.js';
import { swaggerSecuritySchemes } from '../upgrade/swagger-security.js';
import { swaggerServers } from '../upgrade/swagger-server.js';
import type { Warnings } from '../warning.js';

/**
 * Takes over what a hasty upgrade from Swagger 2.0 left behind in a document of 3.x: where the service is, and how one proves who one is.
 * Shared schemas, parameters and responses need nothing: references find them where they stand.
 */
export function adoptLeftOvers(root: Json, warnings: Warnings): void {
  if (own(root, 'servers') === undefined && ['host', 'basePath'].some((key) => typeof own(root, key) === 'string')) {
    const servers = swaggerServers(root);
    if (servers.length > 0) root.servers = servers;
    const at = own(root, 'host') === undefined ? 'basePath' : 'host';
    warnings.add('server', Place.root.at(at), `\`${at}\`, as of Swagger 2.0, was turned into servers.`);
  }
  const schemes = own(root, 'securityDefinitions');
  const components = own(root, 'components') ?? {};
  if (!isObject(schemes) || !isObject(components) || own(components, 'securitySchemes') !== undefined) return;
  root.components = { ...components, securitySchemes: swaggerSecuritySchemes(schemes) };
  const message = 'Security definitions, as of Swagger 2.0, were turned into security schemes.';
  warnings.add('security', Place.root.at('securityDefinitions'), message);
}
