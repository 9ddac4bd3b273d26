import { isObject, own, type Json } from '../json.js';
import { Place } from '../place.js';
import type { Dialect } from '../upgrade/version.js';
import type { Warnings } from '../warning.js';
import { normaliseLink, normaliseRequestBody, normaliseResponse } from './body.js';
import { normaliseExample, normaliseHeader } from './content.js';
import { Context } from './context.js';
import { adoptLeftOvers } from './left-over.js';
import { leaveOutCallbacks } from './operation.js';
import { normaliseParameter } from './parameter.js';
import { normalisePaths } from './path.js';
import { normaliseSchema } from './schema.js';
import { normaliseSecurity, normaliseSecurityScheme } from './security.js';
import { normaliseServers } from './server.js';
import type { Kind, References } from './references.js';

type Step = (value: unknown, place: Place, context: Context) => unknown;

const STEPS: readonly (readonly [kind: Kind, step: Step])[] = [
  ['securityScheme', normaliseSecurityScheme],
  ['schema', normaliseSchema],
  ['header', normaliseHeader],
  ['parameter', normaliseParameter],
  ['example', normaliseExample],
  ['link', normaliseLink],
  ['requestBody', normaliseRequestBody],
  ['response', normaliseResponse],
];

/**
 * Repairs a 3.x document in place, so that nothing after it needs to check a shape: every node is what the specification
 * says it is, every reference is `#/components/{section}/{name}` and leads somewhere, every operation has exactly the path parameters that its path has.
 * What is repaired or left out is listed; nothing here fails.
 */
export function normaliseDocument(
  root: Json,
  dialect: Exclude<Dialect, 'swagger'>,
  warnings: Warnings,
  isUpgraded = false,
): References {
  const context = new Context(root, dialect, warnings, isUpgraded);
  const place = Place.root;
  normaliseInfo(root, context);
  if (!isUpgraded) adoptLeftOvers(root, warnings);
  for (const key of ['webhooks', 'x-webhooks']) {
    if (own(root, key) === undefined) continue;
    warnings.add(
      'ignored',
      place.at(key),
      'Webhooks are calls that the service makes; they were left out of the client.',
    );
    Reflect.deleteProperty(root, key);
  }
  context.objectField(root, 'components', place);
  const components = own(root, 'components');
  if (isObject(components)) leaveOutCallbacks(components, place.at('components'), context);
  for (const [kind, step] of STEPS) normaliseSection(kind, step, context);
  breakCircles(context);
  normaliseServers(root, place, context);
  normaliseSecurity(root, place, context);
  if (own(root, 'paths') === undefined && dialect === '3.0') {
    warnings.add('shape', place, 'The document has no paths; it was read as one without operations.');
  }
  normalisePaths(root, place, context);
  normaliseHoisted(context);
  breakCircles(context);
  // Path items and media types were copied to where they are used.
  for (const key of ['pathItems', 'mediaTypes']) if (isObject(components)) Reflect.deleteProperty(components, key);
  context.references.remember();
  return context.references;
}

function normaliseInfo(root: Json, context: Context): void {
  const place = Place.root.at('info');
  const info = context.objectField(root, 'info', Place.root) ?? {};
  root.info = info;
  for (const [key, otherwise] of [
    ['title', 'Untitled API'],
    ['version', '0.0.0'],
  ] as const) {
    if (context.textField(info, key, place) !== undefined) continue;
    info[key] = otherwise;
    context.warnings.add('shape', place, `The document has no ${key}; it was called "${otherwise}".`);
  }
  context.textField(info, 'description', place);
}

function normaliseSection(kind: Kind, step: Step, context: Context): void {
  const { references } = context;
  const keys = references.sectionKeys(kind);
  const components = own(context.root, 'components');
  if (!isObject(components) || own(components, keys.at(-1) ?? '') === undefined) return;
  const place = Place.root.at('components');
  renameEmpty(components, keys.at(-1) ?? '', place, context);
  context.eachEntry(components, keys.at(-1) ?? '', place, (value, at) => step(value, at, context));
}

/** A name without characters cannot be told in a reference. */
function renameEmpty(components: Json, section: string, place: Place, context: Context): void {
  const entries = own(components, section);
  if (!isObject(entries) || !Object.hasOwn(entries, '')) return;
  context.refuse(place.at(section), 'names for all entries', '');
  Reflect.deleteProperty(entries, '');
}

/** Targets that got a name on the way may hold references that give names to others. */
function normaliseHoisted(context: Context): void {
  const { references } = context;
  for (let next = references.hoisted.pop(); next; next = references.hoisted.pop()) {
    const section = references.section(next.kind);
    const step = STEPS.find(([kind]) => kind === next.kind)?.[1];
    if (section === null || step === undefined) continue;
    const place = Place.root.at(...next.keys);
    section[next.name] = step(section[next.name], place, context) ?? {};
  }
}

/** A named thing that is only another name for itself, at whatever distance, can be anything. */
function breakCircles(context: Context): void {
  for (const [kind, step] of STEPS) {
    const section = context.references.section(kind);
    for (const [name, value] of Object.entries(section ?? {})) {
      if (section === null || context.references.resolve(value) !== undefined) continue;
      const place = Place.root.at(...context.references.sectionKeys(kind), name);
      context.warnings.add('reference-circular', place, 'A reference that leads back to itself was left out.');
      const empty = step({}, place, context);
      if (empty === null) Reflect.deleteProperty(section, name);
      else section[name] = empty;
    }
  }
}
