import { excerpt, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import { normaliseParameterLike } from './content.js';
import type { Context } from './context.js';

/** https://spec.openapis.org/oas/v3.1.1#style-values */
const STYLES: Readonly<Record<string, readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  querystring: [],
  header: ['simple'],
  cookie: ['form', 'cookie'],
};

/**
 * Normalises one parameter of OpenAPI 3.x.
 * @returns null when it cannot be sent: no name, no place, or a reference to nothing.
 * https://spec.openapis.org/oas/v3.1.1#parameter-object
 */
export function normaliseParameter(value: unknown, place: Place, context: Context): Json | null {
  if (!isObject(value)) {
    context.refuse(place, 'a parameter', value);
    return null;
  }
  const reference = context.reference('parameter', value, place);
  if (reference !== undefined) return reference;
  if (!nameAndPlace(value, place, context)) return null;
  const location = String(value.in);
  context.booleanField(value, 'required', place);
  if (location === 'path' && value.required !== true) {
    value.required = true;
    context.warnings.add('parameter', place, 'A path parameter was made required, as every one is.');
  }
  tellIgnoredHeader(value, place, context);
  context.textField(value, 'description', place);
  normaliseParameterLike(value, place, context);
  normaliseStyle(value, location, place, context);
  if (location === 'querystring') wholeQuery(value, place, context);
  else tellContent(value, place, context);
  return value;
}

function tellContent(value: Json, place: Place, context: Context): void {
  const content = own(value, 'content');
  if (content === undefined && own(value, 'schema') === undefined) {
    context.warnings.add('parameter', place, 'A parameter with neither schema nor content was read as any value.');
  }
  if (isObject(content) && Object.keys(content).length > 1) {
    context.warnings.add('parameter', place.at('content'), 'A parameter has one media type; the first was taken.');
  }
}

/** The whole query has a media type, not a style: https://spec.openapis.org/oas/v3.2.0#parameter-locations */
function wholeQuery(value: Json, place: Place, context: Context): void {
  if (own(value, 'content') !== undefined) return;
  value.content = { 'application/x-www-form-urlencoded': { schema: own(value, 'schema') ?? {} } };
  Reflect.deleteProperty(value, 'schema');
  context.warnings.add('parameter', place, 'A whole query without a media type was read as a form.');
}

/** Headers that a parameter cannot set: https://spec.openapis.org/oas/v3.1.1#fixed-fields-for-use-with-schema */
const NOT_PARAMETERS: readonly unknown[] = ['accept', 'content-type', 'authorization'];

/** A parameter that OpenAPI says to ignore stays in the document, and out of the client. */
export function tellIgnoredHeader(parameter: Json, place: Place, context: Context): void {
  const name = own(parameter, 'name');
  if (own(parameter, 'in') !== 'header' || typeof name !== 'string') return;
  if (context.isUpgraded || !NOT_PARAMETERS.includes(name.toLowerCase())) return;
  const message = `The header ${excerpt(name)} is no parameter in OpenAPI and was ignored; it can be given like any other header.`;
  context.warnings.add('ignored', place, message);
}

function nameAndPlace(value: Json, place: Place, context: Context): boolean {
  const name = context.textField(value, 'name', place);
  const location = context.textField(value, 'in', place)?.trim().toLowerCase();
  // The name of a whole query is never sent.
  if (location === 'querystring' && !name?.trim()) value.name = 'querystring';
  else if (name === undefined || name.trim() === '') {
    context.warnings.add('parameter', place, 'A parameter without a name was left out.');
    return false;
  }
  if (location === undefined || !Object.hasOwn(STYLES, location)) {
    const known = Object.keys(STYLES).join(', ');
    const got = location === undefined ? 'nothing' : `"${excerpt(location, 20)}"`;
    context.warnings.add(
      'parameter',
      place.at('in'),
      `Expected one of ${known}, got ${got}; the parameter was left out.`,
    );
    return false;
  }
  if (location !== value.in) {
    context.warnings.add(
      'parameter',
      place.at('in'),
      `The place "${excerpt(String(value.in), 20)}" was read as ${location}.`,
    );
  }
  value.in = location;
  return true;
}

function normaliseStyle(value: Json, location: string, place: Place, context: Context): void {
  const style = context.textField(value, 'style', place);
  if (style === undefined || STYLES[location]?.includes(style)) return;
  Reflect.deleteProperty(value, 'style');
  const message = `The style "${excerpt(style, 20)}" is not one of a ${location} parameter; the usual one was taken.`;
  context.warnings.add('parameter', place.at('style'), message);
}
