import { isObject, own, type Json } from '../json.js';
import { Place } from '../place.js';
import { Context } from '../normalise/context.js';
import { normaliseSchema } from '../normalise/schema.js';
import type { Kind } from '../normalise/references.js';
import { shapeOperation, shapePathParameters } from './swagger-operation.js';
import { mediaTypes, shapeParameter } from './swagger-parameter.js';
import { shapeResponse } from './swagger-response.js';

const SWAGGER_METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

type Step = (value: unknown, place: Place, context: Context) => unknown;

const SECTIONS: readonly (readonly [kind: Kind, step: Step])[] = [
  ['schema', normaliseSchema],
  ['parameter', shapeParameter],
  ['response', shapeResponse],
];

/**
 * Brings a Swagger 2.0 document, in place, into the shape that the converter can rely on: it throws on a value of the wrong kind,
 * on a name with a percent sign, on two names that become one, and drops what a reference points to outside `definitions`.
 * https://spec.openapis.org/oas/v2.0
 */
export function shapeSwagger(root: Json, context: Context): void {
  const place = Place.root;
  for (const key of ['consumes', 'produces']) mediaTypes(root, key, place, context);
  if (!isObject(own(root, 'info'))) root.info = {};
  for (const key of ['components', 'servers', 'x-servers', 'x-ms-paths', 'x-callbacks', 'x-links'])
    Reflect.deleteProperty(root, key);
  for (const [kind] of SECTIONS) safeNames(kind, place, context);
  for (const [kind, step] of SECTIONS) {
    context.eachEntry(root, context.references.sectionKeys(kind)[0] ?? '', place, (value, at) =>
      step(value, at, context),
    );
  }
  context.eachEntry(root, 'paths', place, (value, at) => shapePathItem(value, at, context), true);
  for (const key of Object.keys((root.paths ??= {}))) {
    if (key.startsWith('x-')) Reflect.deleteProperty(root.paths as Json, key);
  }
  for (let next = context.references.hoisted.pop(); next; next = context.references.hoisted.pop()) {
    const section = context.references.section(next.kind);
    const step = SECTIONS.find(([kind]) => kind === next.kind)?.[1];
    if (section && step) section[next.name] = step(section[next.name], place.at(next.kind, next.name), context) ?? {};
  }
}

/** Renames entries whose names the converter would change or stumble over; references follow. */
function safeNames(kind: Kind, place: Place, context: Context): void {
  const key = context.references.sectionKeys(kind)[0] ?? '';
  const section = context.objectField(context.root, key, place);
  if (!section) return;
  const taken = new Set(Object.keys(section).filter(isSafe));
  const entries = Object.entries(section).map(([name, value]): [string, unknown] => {
    if (isSafe(name)) return [name, value];
    const base = name.replace(/\[\]/g, 'Array').replace(/[^A-Za-z0-9_.-]+/g, '_') || '_';
    let safe = base;
    for (let count = 2; taken.has(safe); count += 1) safe = `${base}${count}`;
    taken.add(safe);
    context.references.rename(kind, name, safe);
    return [safe, value];
  });
  context.root[key] = Object.fromEntries(entries);
}

function isSafe(name: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(name);
}

function shapePathItem(value: unknown, place: Place, context: Context): Json | null {
  const item = typeof own(value, '$ref') === 'string' ? context.references.resolve(value) : value;
  if (!isObject(item)) {
    if (value !== null) context.refuse(place, 'a path item', value);
    return null;
  }
  const shaped: Json = {};
  for (const [key, field] of Object.entries(item)) {
    const lower = key.toLowerCase();
    const isMethod = (SWAGGER_METHODS as readonly string[]).includes(lower);
    if (isMethod || key === 'parameters') shaped[isMethod ? lower : key] = field;
  }
  const bodies = shapePathParameters(shaped, place, context);
  for (const method of SWAGGER_METHODS) {
    if (!(method in shaped)) continue;
    const operation = shapeOperation(shaped[method], bodies, place.at(method), context);
    if (operation === null) Reflect.deleteProperty(shaped, method);
    else shaped[method] = operation;
  }
  return shaped;
}
