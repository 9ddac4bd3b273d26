import { canonicalJson, sameJson } from '#core';
import { excerpt } from '../json.js';
import type { Aspect, Shift } from './change.js';
import { WHOLE, type SchemaView } from './schema-view.js';

/** What a schema says otherwise of a value than before, without what is inside it. */
export interface Difference {
  readonly aspect: Aspect;
  readonly shift: Shift;
  /** After the name of the place: "was an integer and is now a string". */
  readonly text: string;
}

/** Keywords by which a higher number allows less. */
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'];
/** Keywords by which a higher number allows more. */
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'];
/** Formats of numbers, each of which holds all values of those before it. */
const WIDTHS = [
  ['int32', 'int64'],
  ['float', 'double'],
];
const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  null: 'null',
};
const MOST_SHOWN = 5;

/** What two views say of a value itself. When types have nothing in common, that is all there is to tell. */
export function compareConstraints(from: SchemaView, to: SchemaView): Difference[] {
  const type = compareTypes(from, to);
  if (type?.shift === 'changed' && !shareType(from.types, to.types)) return [type];
  const found = [
    type,
    compareValues(from, to),
    ...compareBounds(from, to),
    comparePatterns(from, to),
    compareFormats(from, to),
    ...compareWhole(from, to),
  ];
  return found.filter((difference) => difference !== null);
}

function compareTypes({ types: from }: SchemaView, { types: to }: SchemaView): Difference | null {
  const shift = shiftOf(covers(to, from), covers(from, to));
  if (shift === null) return null;
  return { aspect: 'type', shift, text: `was ${typeText(from)} and is now ${typeText(to)}` };
}

/** Whether all types of the other are among these. */
function covers(types: ReadonlySet<string> | null, other: ReadonlySet<string> | null): boolean {
  if (types === null) return true;
  if (other === null) return false;
  return [...other].every((type) => types.has(type) || (type === 'integer' && types.has('number')));
}

function shareType(one: ReadonlySet<string> | null, other: ReadonlySet<string> | null): boolean {
  if (one === null || other === null) return true;
  const holds = (type: string): boolean =>
    other.has(type) || (type === 'integer' && other.has('number')) || (type === 'number' && other.has('integer'));
  return [...one].some((type) => type !== 'null' && holds(type));
}

function shiftOf(isAllKept: boolean, isNothingNew: boolean): Shift | null {
  if (isAllKept) return isNothingNew ? null : 'widened';
  return isNothingNew ? 'narrowed' : 'changed';
}

function typeText(types: ReadonlySet<string> | null): string {
  return types === null
    ? 'of any type'
    : [...types].map((type) => (Object.hasOwn(TYPES, type) ? TYPES[type] : excerpt(type))).join(' or ');
}

function compareValues({ values: from }: SchemaView, { values: to }: SchemaView): Difference | null {
  if (from === null && to === null) return null;
  if (from === null) return { aspect: 'enum', shift: 'narrowed', text: `now allows only ${valueText(to ?? [])}` };
  if (to === null) return { aspect: 'enum', shift: 'widened', text: 'now allows any value' };
  const before = new Set(from.map((value) => canonicalJson(value)));
  const after = new Set(to.map((value) => canonicalJson(value)));
  const gone = from.filter((value) => !after.has(canonicalJson(value)));
  const added = to.filter((value) => !before.has(canonicalJson(value)));
  const shift = shiftOf(gone.length === 0, added.length === 0);
  if (shift === null) return null;
  const texts = [
    gone.length > 0 ? `no longer allows ${valueText(gone)}` : '',
    added.length > 0 ? `now also allows ${valueText(added)}` : '',
  ];
  return { aspect: 'enum', shift, text: texts.filter((text) => text !== '').join(' and ') };
}

function valueText(values: readonly unknown[]): string {
  if (values.length === 0) return 'nothing';
  const shown = values.slice(0, MOST_SHOWN).map((value) => excerpt(JSON.stringify(value), 40));
  return `${shown.join(', ')}${values.length > MOST_SHOWN ? ` and ${values.length - MOST_SHOWN} more` : ''}`;
}

function compareBounds({ keywords: from }: SchemaView, { keywords: to }: SchemaView): (Difference | null)[] {
  const least = LEAST.map((key) => compareBound(key, from[key] ?? -Infinity, to[key] ?? -Infinity, true));
  const most = MOST.map((key) => compareBound(key, from[key] ?? Infinity, to[key] ?? Infinity, false));
  const unique =
    from.uniqueItems === to.uniqueItems
      ? null
      : bound(to.uniqueItems === true ? 'narrowed' : 'widened', 'uniqueItems', from.uniqueItems, to.uniqueItems);
  return [...least, ...most, unique, compareSteps(from.multipleOf, to.multipleOf)];
}

function compareBound(key: string, from: unknown, to: unknown, isLeast: boolean): Difference | null {
  // A least of 0 is what every length and count has anyway.
  const isNone = (value: unknown): boolean =>
    isLeast && key.startsWith('min') && key !== 'minimum' && key !== 'minContains' && value === 0;
  if (typeof from !== 'number' || typeof to !== 'number' || from === to) return null;
  if ((isNone(from) && to === -Infinity) || (isNone(to) && from === -Infinity)) return null;
  const isNarrower = isLeast ? to > from : to < from;
  return bound(isNarrower ? 'narrowed' : 'widened', key, from, to);
}

function compareSteps(from: unknown, to: unknown): Difference | null {
  if (from === to) return null;
  if (typeof from !== 'number') return bound('narrowed', 'multipleOf', from, to);
  if (typeof to !== 'number') return bound('widened', 'multipleOf', from, to);
  if (Number.isInteger(from / to)) return bound('widened', 'multipleOf', from, to);
  return bound(Number.isInteger(to / from) ? 'narrowed' : 'changed', 'multipleOf', from, to);
}

function bound(shift: Shift, key: string, from: unknown, to: unknown): Difference {
  return { aspect: 'bounds', shift, text: `had ${boundText(key, from)} and now has ${boundText(key, to)}` };
}

function boundText(key: string, value: unknown): string {
  const isNone = value === Infinity || value === -Infinity;
  if (typeof value === 'boolean' || (typeof value === 'number' && !isNone)) return `\`${key}\` ${value}`;
  return `no \`${key}\``;
}

function comparePatterns({ keywords: from }: SchemaView, { keywords: to }: SchemaView): Difference | null {
  if (from.pattern === to.pattern) return null;
  const shift = from.pattern === undefined ? 'narrowed' : to.pattern === undefined ? 'widened' : 'changed';
  return {
    aspect: 'pattern',
    shift,
    text: `had ${wordText('pattern', from.pattern)} and now has ${wordText('pattern', to.pattern)}`,
  };
}

function compareFormats({ keywords: from }: SchemaView, { keywords: to }: SchemaView): Difference | null {
  if (from.format === to.format) return null;
  const shift = formatShift(from.format, to.format);
  return {
    aspect: 'format',
    shift,
    text: `had ${wordText('format', from.format)} and now has ${wordText('format', to.format)}`,
  };
}

function formatShift(from: unknown, to: unknown): Shift {
  if (typeof from !== 'string') return 'narrowed';
  if (typeof to !== 'string') return 'widened';
  const widths = WIDTHS.find((names) => names.includes(from) && names.includes(to));
  if (!widths) return 'changed';
  return widths.indexOf(from) < widths.indexOf(to) ? 'widened' : 'narrowed';
}

function wordText(key: string, value: unknown): string {
  return typeof value === 'string' ? `the ${key} ${excerpt(value, 60)}` : `no ${key}`;
}

function compareWhole({ keywords: from }: SchemaView, { keywords: to }: SchemaView): Difference[] {
  return WHOLE.filter((key) => !sameJson(from[key] ?? null, to[key] ?? null)).map((key) => ({
    aspect: 'schema',
    shift: from[key] === undefined ? 'narrowed' : to[key] === undefined ? 'widened' : 'changed',
    text: `has another \`${key}\``,
  }));
}
