import { isObject, own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import { Place } from '../place.js';

/** Where 3.x keeps what 2.0 keeps at the root. */
const MOVED: readonly (readonly [section: string, field: string])[] = [
  ['schemas', 'definitions'],
  ['parameters', 'parameters'],
  ['responses', 'responses'],
  ['securitySchemes', 'securityDefinitions'],
];

/**
 * Takes over what a Swagger 2.0 document keeps where another version or a tool would: the sections of `components`, and the paths of
 * `x-ms-paths`, which may hold a query (https://azure.github.io/autorest/extensions/#x-ms-paths).
 */
export function adoptForeign(root: Json, context: Context): void {
  const components = own(root, 'components');
  for (const [section, field] of MOVED) {
    adopt(root, field, own(components, section), Place.root.at('components', section), context);
  }
  adopt(root, 'paths', own(root, 'x-ms-paths'), Place.root.at('x-ms-paths'), context);
}

/** Entries that are there already are kept. */
function adopt(root: Json, field: string, given: unknown, place: Place, context: Context): void {
  if (!isObject(given) || Object.keys(given).length === 0) return;
  const section = own(root, field);
  root[field] = { ...given, ...(isObject(section) ? section : {}) };
  context.warnings.add('shape', place, `What stands here was read as part of \`${field}\`.`);
}
