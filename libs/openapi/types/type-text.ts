/** A TypeScript type as text, with as much of what it means as combining it with others needs. */
export interface TypeText {
  readonly text: string;
  readonly form: 'unknown' | 'any object' | 'single' | 'union' | 'intersection';
  /** Whether no object can be of it. */
  readonly isPrimitive: boolean;
}

export const UNKNOWN: TypeText = { text: 'unknown', form: 'unknown', isPrimitive: false };
/** What is only known to be an object. */
export const ANY_OBJECT: TypeText = { text: 'Record<string, unknown>', form: 'any object', isPrimitive: false };
export const NEVER = primitive('never');
export const NULL = primitive('null');
export const STRING = primitive('string');
export const NUMBER = primitive('number');
export const BOOLEAN = primitive('boolean');

function primitive(text: string): TypeText {
  return { text, form: 'single', isPrimitive: true };
}

/** A type that objects can be of, in one piece: `{ … }`, `T[]`, `components["schemas"]["T"]`. */
export function single(text: string): TypeText {
  return { text, form: 'single', isPrimitive: false };
}

/** One of several types, each named once. */
export function union(types: readonly TypeText[]): TypeText {
  const [first] = types;
  if (first === undefined) return NEVER;
  if (types.length === 1) return first;
  if (types.some((type) => type.form === 'unknown')) return UNKNOWN;
  const texts = distinct(types.map((type) => (type.form === 'intersection' ? `(${type.text})` : type.text)));
  if (texts.length === 1) return first;
  return { text: texts.join(' | '), form: 'union', isPrimitive: types.every((type) => type.isPrimitive) };
}

/** All of several types at once. What says nothing beside the others is left out. */
export function intersection(types: readonly TypeText[]): TypeText {
  const known = types.filter((type) => type.form !== 'unknown');
  const telling = known.filter((type) => type.form !== 'any object');
  const [first] = telling;
  if (first === undefined) return known[0] ?? UNKNOWN;
  if (telling.length === 1) return first;
  const texts = distinct(telling.map((type) => (type.form === 'union' ? `(${type.text})` : type.text)));
  if (texts.length === 1) return first;
  return { text: texts.join(' & '), form: 'intersection', isPrimitive: telling.some((type) => type.isPrimitive) };
}

/** A set has to read every text; of a few, most differ by their lengths already. */
const FEW = 10;

function distinct(texts: readonly string[]): readonly string[] {
  if (texts.length > FEW) return [...new Set(texts)];
  return texts.filter((text, index) => texts.indexOf(text) === index);
}

export function nullable(type: TypeText): TypeText {
  return type === NULL || type.text.endsWith(' | null') ? type : union([type, NULL]);
}

export function arrayOf(item: TypeText): TypeText {
  return single(item.form === 'union' || item.form === 'intersection' ? `(${item.text})[]` : `${item.text}[]`);
}

/** A JSON value as the type that only it is of. */
export function literalType(value: unknown): TypeText {
  if (typeof value === 'string') return primitive(quoted(value));
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return primitive(String(value));
  if (Array.isArray(value)) return single(`[${value.map((item) => literalType(item).text).join(', ')}]`);
  if (typeof value !== 'object') return UNKNOWN;
  const members = Object.entries(value).map(([name, member]) => `${memberName(name)}: ${literalType(member).text}`);
  return single(members.length === 0 ? 'Record<string, never>' : `{ ${members.join('; ')} }`);
}

/** The type of a component, by its section and name. */
export function componentType(section: string, name: string): string {
  return `components["${section}"][${quoted(name)}]`;
}

const NAME = /^(?:[A-Za-z_$][\w$]*|0|[1-9]\d{0,14})$/;

/** A name as a member of an interface has it. */
export function memberName(name: string): string {
  return NAME.test(name) ? name : quoted(name);
}

/** What ends a line somewhere, has no form of its own, or turns the direction of writing. https://trojansource.codes */
const UNSEEN = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu');

/** A text in which every character but a tab can be seen: as an escape. */
export function seen(text: string): string {
  if (!UNSEEN.test(text)) return text;
  return text.replace(ALL_UNSEEN, (unit) =>
    unit === '\t' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text as a string literal on one line. */
export function quoted(text: string): string {
  return seen(JSON.stringify(text));
}
