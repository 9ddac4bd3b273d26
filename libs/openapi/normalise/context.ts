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

  /** A field that must be an object; anything else is listed and removed. */
  objectField(node: Json, key: string, place: Place): Json | undefined {
    const value = own(node, key);
    if (value === undefined || isObject(value)) return value;
    if (value !== null) this.refuse(place.at(key), 'an object', value);
    Reflect.deleteProperty(node, key);
    return undefined;
  }

  /** A field that must be an array; an object's values or a lone object are taken for one. */
  arrayField(node: Json, key: string, place: Place): unknown[] | undefined {
    const value = own(node, key);
    if (value === undefined || Array.isArray(value)) return value as unknown[] | undefined;
    if (isObject(value)) {
      const list = Object.keys(value).every((name) => /^\d+$/.test(name)) ? Object.values(value) : [value];
      this.warnings.add('shape', place.at(key), 'Expected an array, got an object, which was read as one.');
      node[key] = list;
      return list;
    }
    if (value !== null) this.refuse(place.at(key), 'an array', value);
    Reflect.deleteProperty(node, key);
    return undefined;
  }

  /** A field that must be text; numbers and booleans are written out, anything else goes. */
  textField(node: Json, key: string, place: Place): string | undefined {
    const value = own(node, key);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return (node[key] = String(value));
    if (value !== null) this.refuse(place.at(key), 'a string', value);
    Reflect.deleteProperty(node, key);
    return undefined;
  }

  /** A field that must be true or false; the words are understood, anything else goes. */
  booleanField(node: Json, key: string, place: Place): boolean | undefined {
    const value = own(node, key);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return (node[key] = value === 'true');
    if (value !== null) this.refuse(place.at(key), 'true or false', value);
    Reflect.deleteProperty(node, key);
    return undefined;
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
    return kind === 'schema' || this.references.resolve(node) !== undefined ? node : null;
  }
}
