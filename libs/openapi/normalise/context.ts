import { describe, isObject, own, type Json } from '../json.js';
import type { Place } from '../place.js';
import type { Dialect } from '../upgrade/version.js';
import type { Warnings } from '../warning.js';
import { References, type Kind } from './references.js';

/** What every step of normalising shares. */
export class Context {
  readonly references: References;
  /** The media types that a Swagger 2.0 document has for operations which say none. */
  consumes: readonly string[] = [];
  produces: readonly string[] = [];

  constructor(
    readonly root: Json,
    readonly dialect: Dialect,
    readonly warnings: Warnings,
    /** The document was Swagger 2.0 and was read in full before: what is only worth a note has been told. */
    readonly isUpgraded = false,
  ) {
    this.references = new References(root, dialect, warnings);
  }

  /** Lists that a value had the wrong shape and went. */
  refuse(place: Place, expected: string, got: unknown): void {
    this.warnings.add('shape', place, `Expected ${expected}, got ${describe(got)}; it was left out.`);
  }

  /** Lists that null stood where it says nothing, and was passed over. */
  passNull(place: Place): void {
    this.warnings.add('shape', place, 'Null was read as if nothing stood there.');
  }

  private leaveOut(node: Json, key: string, place: Place, expected: string, got: unknown): void {
    if (got === null) this.passNull(place.at(key));
    else this.refuse(place.at(key), expected, got);
    Reflect.deleteProperty(node, key);
  }

  /** A field that must be an object; anything else is listed and removed. */
  objectField(node: Json, key: string, place: Place): Json | undefined {
    const value = own(node, key);
    if (value === undefined || isObject(value)) return value;
    this.leaveOut(node, key, place, 'an object', value);
    return undefined;
  }

  /** A field that must be an array; an object's values or a lone object are taken for one. */
  arrayField(node: Json, key: string, place: Place): unknown[] | undefined {
    const value = own(node, key);
    if (value === undefined || Array.isArray(value)) return value as unknown[] | undefined;
    if (isObject(value)) {
      const list = isMapOfItems(value) ? Object.entries(value).map(namedItem) : [value];
      this.warnings.add('shape', place.at(key), 'Expected an array, got an object, which was read as one.');
      node[key] = list;
      return list;
    }
    this.leaveOut(node, key, place, 'an array', value);
    return undefined;
  }

  /** A field that must be text; numbers and booleans are written out, anything else goes. */
  textField(node: Json, key: string, place: Place): string | undefined {
    const value = own(node, key);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      this.leaveOut(node, key, place, 'a string', value);
      return undefined;
    }
    node[key] = String(value);
    this.warnings.add(
      'shape',
      place.at(key),
      `Expected a string, got ${describe(value)}, which was read as "${value}".`,
    );
    return String(value);
  }

  /** A field that must be true or false; the words are understood, anything else goes. */
  booleanField(node: Json, key: string, place: Place): boolean | undefined {
    const value = own(node, key);
    if (value === undefined || typeof value === 'boolean') return value;
    const meant = meansBoolean(value);
    if (meant === null) {
      this.leaveOut(node, key, place, 'true or false', value);
      return undefined;
    }
    node[key] = meant;
    this.warnings.add(
      'shape',
      place.at(key),
      `Expected true or false, got ${describe(value)}, which was read as ${meant}.`,
    );
    return meant;
  }

  /** Normalises each entry of a map; an entry whose `change` is null goes. `x-` entries are passed over where `extensible`. */
  eachEntry(
    node: Json,
    key: string,
    place: Place,
    change: (value: unknown, place: Place, name: string) => unknown,
    extensible = false,
  ): void {
    const map = this.objectField(node, key, place);
    if (!map) return;
    for (const name of Object.keys(map)) {
      if (extensible && name.startsWith('x-')) continue;
      const changed = change(map[name], place.at(key, name), name);
      if (changed === null) Reflect.deleteProperty(map, name);
      else map[name] = changed;
    }
  }

  /**
   * Settles a Reference Object in place.
   * @returns the node when it is a good reference, null when it is a bad one, undefined when it is none.
   */
  reference(kind: Kind, node: Json, place: Place): Json | null | undefined {
    const given = own(node, '$ref');
    if (given === undefined) return undefined;
    if (typeof given !== 'string') {
      this.refuse(place.at('$ref'), 'a reference', given);
      Reflect.deleteProperty(node, '$ref');
      return undefined;
    }
    const ref = this.references.settle(kind, given, place);
    if (ref === null) return null;
    node.$ref = ref;
    // A schema may refer to itself; anything else that leads nowhere in the end is of no use.
    if (kind === 'schema' || this.references.resolve(node) !== undefined) return node;
    this.warnings.add('reference-circular', place, 'A reference that leads back to itself was left out.');
    return null;
  }
}

/** Whether an object stands for a list: its items by number, or by name with nothing of an item beside them. */
function isMapOfItems(value: Json): boolean {
  const items = Object.entries(value);
  if (items.every(([key]) => /^\d+$/.test(key))) return true;
  return items.every(([key, item]) => isObject(item) && !['schema', 'items', 'properties', 'not'].includes(key));
}

/** A parameter by its name need not say it again. */
function namedItem([key, item]: [string, unknown]): unknown {
  return isObject(item) && own(item, 'in') !== undefined && own(item, 'name') === undefined
    ? { ...item, name: key }
    : item;
}

const TRUE: readonly unknown[] = ['true', 'yes', 'on', 'y', '1', 1];
const FALSE: readonly unknown[] = ['false', 'no', 'off', 'n', '0', 0];

/** What people, and YAML 1.1, write for true and false; null for anything else. */
export function meansBoolean(value: unknown): boolean | null {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : null;
}
