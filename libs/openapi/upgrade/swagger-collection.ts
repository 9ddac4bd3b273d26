import { isObject, own, type Json } from '../json.js';
import { COLLECTION_EXTENSION } from './swagger-parameter.js';

/** Which collection formats 3.x has a style for in a query or a form: https://spec.openapis.org/oas/v3.0.4#style-values */
const QUERY_STYLES: Readonly<Record<string, Json>> = {
  csv: { style: 'form', explode: false },
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
};

/** Turns the collectionFormat that an upgraded parameter carries along into style and explode. */
export function styleParameter(parameter: unknown): void {
  if (!isObject(parameter)) return;
  const format = take(parameter);
  if (format === null) return;
  Reflect.deleteProperty(parameter, 'style');
  Reflect.deleteProperty(parameter, 'explode');
  const location = own(parameter, 'in');
  if (location === 'query' || location === 'cookie') Object.assign(parameter, styleOf(format));
  else if (format !== 'csv' && format !== 'multi') parameter['x-collectionFormat'] = format;
}

/** The same for the properties of a form, whose style is told by the media type's encoding. */
export function styleForm(mediaType: unknown): void {
  const schema = own(mediaType, 'schema');
  const properties = own(schema, 'properties');
  if (!isObject(mediaType) || !isObject(properties)) return;
  const encoding: Json = {};
  for (const [name, property] of Object.entries(properties)) {
    const format = isObject(property) ? take(property) : null;
    if (format !== null) encoding[name] = styleOf(format);
  }
  if (Object.keys(encoding).length > 0) mediaType.encoding = encoding;
}

/** Tabs between values are known to no style of 3.x; the extension keeps them. */
function styleOf(format: string): Json {
  return QUERY_STYLES[format] ?? { style: 'form', explode: false, 'x-collectionFormat': format };
}

function take(node: Json): string | null {
  const format = own(node, COLLECTION_EXTENSION);
  Reflect.deleteProperty(node, COLLECTION_EXTENSION);
  return typeof format === 'string' ? format : null;
}
