import { own, type Json } from '../json.js';
import type { Context } from '../normalise/context.js';
import type { Place } from '../place.js';

/** `consumes` or `produces` of a document or an operation: texts, each once; null when there are none. */
export function mediaTypes(node: Json, key: string, place: Place, context: Context): string[] | null {
  const given = own(node, key);
  if (typeof given === 'string') {
    node[key] = given.split(',');
    context.warnings.add('shape', place.at(key), 'Expected an array, got a string, which was read as one.');
  }
  const list = context.arrayField(node, key, place) ?? [];
  const types = list.flatMap((type, index) => {
    const isType = typeof type === 'string' && type.trim() !== '';
    if (!isType) context.refuse(place.at(key, index), 'a media type', type);
    return isType ? [type.trim()] : [];
  });
  return types.length > 0 ? [...new Set(types)] : null;
}
