import type { BodyProperty, MediaType } from '#core';
import { encodeForm } from './encode.js';
import { isJson } from './media-type.js';
import type { Layout, Pair } from './style.js';
import { pairsOf } from './style.js';
import { isGiven, isRecord, textOf } from './value.js';

/**
 * An object as `application/x-www-form-urlencoded`. A property whose encoding names a style, `explode` or
 * `allowReserved` is written like a query parameter; others by content: texts as they are, lists repeated, objects
 * as JSON.
 * https://spec.openapis.org/oas/v3.1.1#encoding-the-x-www-form-urlencoded-media-type
 */
export function formText(body: Readonly<Record<string, unknown>>, mediaType: MediaType | undefined): string {
  const pairs: Pair[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (!isGiven(value)) continue;
    const property = propertyOf(mediaType, name);
    const layout = layoutOf(property);
    if (layout) pairs.push(...pairsOf(name, value, layout));
    else for (const text of contentTexts(value, property)) pairs.push([encodeForm(name), encodeForm(text)]);
  }
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** The declared property, never one that merely sits on the prototype. */
export function propertyOf(mediaType: MediaType | undefined, name: string): BodyProperty | undefined {
  const properties = mediaType?.properties;
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The style that a property's Encoding Object asks for; undefined when it asks for none of it. */
export function layoutOf(property: BodyProperty | undefined): Layout | undefined {
  if (property?.style === undefined && property?.explode === undefined && property?.allowReserved === undefined) {
    return undefined;
  }
  const style = property.style ?? 'form';
  return {
    style,
    explode: property.explode ?? style === 'form',
    allowReserved: property.allowReserved ?? false,
    allowEmptyValue: false,
  };
}

/** The text for a JSON part or field: one that was declared as an object or a list and came as text is JSON already. */
export function jsonText(value: unknown, property: BodyProperty | undefined): string {
  const type = property?.schema.type ?? null;
  if (typeof value === 'string' && type !== null && type !== 'string') return value;
  return JSON.stringify(value);
}

function contentTexts(value: unknown, property: BodyProperty | undefined): string[] {
  if (property?.contentType !== undefined && isJson(property.contentType)) return [jsonText(value, property)];
  if (Array.isArray(value)) return value.filter(isGiven).map(textOf);
  return [isRecord(value) ? JSON.stringify(value) : textOf(value)];
}
