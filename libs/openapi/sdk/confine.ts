import { isObject, own, type Json } from '../json.js';

/** The newest version that OpenAPI Generator reads; what 3.2 added it passes over. */
const NEWEST = '3.1.1';

/**
 * A normalised document for programs that follow whatever looks like a reference: `$ref`s and discriminator mappings
 * that lead out of the document are left out, also where they are data, and a version that is too new is named as the
 * newest that is known. Changes the document it is given.
 */
export function confine(document: unknown): unknown {
  if (isObject(document) && String(own(document, 'openapi')).startsWith('3.2')) document.openapi = NEWEST;
  visit(document);
  return document;
}

function visit(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) visit(item);
  if (!isObject(value)) return;
  const reference = own(value, '$ref');
  if (typeof reference === 'string' && !reference.startsWith('#')) delete value.$ref;
  const discriminator = own(value, 'discriminator');
  const mapping = own(discriminator, 'mapping');
  if (isObject(discriminator) && isObject(mapping)) discriminator.mapping = confineMapping(mapping);
  for (const key of Object.keys(value)) visit(value[key]);
}

/** A mapping's value is a reference or the plain name of a schema; anything else could be an address. */
function confineMapping(mapping: Json): Json {
  const staying = ([, target]: [string, unknown]): boolean =>
    typeof target === 'string' && (target.startsWith('#/') || /^[\w-]+$/.test(target));
  return Object.fromEntries(Object.entries(mapping).filter(staying));
}
