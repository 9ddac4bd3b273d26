import { sameJson, type JsonSchema } from '#core';
import { own } from '../json.js';
import { escapeSegment } from '../place.js';
import type { Aspect, PropertyShift, Shift } from './change.js';
import { compareConstraints } from './constraint-diff.js';
import { nameOf, type SchemaView, type Views } from './schema-view.js';

/** Whether a schema speaks of what is sent or of what comes back: there, allowing more is what breaks. */
export type Side = 'request' | 'response';

/** A difference at a place inside a schema. */
export interface SchemaChange {
  readonly kind: `${Aspect}_${Shift}` | `property_${PropertyShift}`;
  readonly breaking: boolean;
  /** From the schema's root; `/*` for any item or further property. */
  readonly pointer: string;
  readonly text: string;
}

/** What differs between two schemas as far as the next references, and which pairs these lead to. */
interface Section {
  readonly changes: SchemaChange[];
  readonly links: Link[];
}

interface Link {
  readonly pointer: string;
  readonly from: JsonSchema;
  readonly to: JsonSchema;
}

const DEEPEST = 100;
/** Places are told by the first way to them; what lies behind more references than this is not looked for. */
const MOST_SECTIONS = 5_000;
const ANYTHING = '/*';

/** Compares schemas of two versions. Each pair is compared once, however many operations lead to it. */
export class SchemaDiff {
  private readonly sections = {
    request: new Map<JsonSchema, Map<JsonSchema, Section>>(),
    response: new Map<JsonSchema, Map<JsonSchema, Section>>(),
  };

  constructor(
    private readonly from: Views,
    private readonly to: Views,
    /** Whether the schema of this name means the same in both versions, with all that it refers to. */
    private readonly isUnchanged: (name: string) => boolean,
  ) {}

  /** Every difference that can be met from two schemas, nearest first; at most `most`. Circles are walked once. */
  compare(from: JsonSchema, to: JsonSchema, side: Side, most: number): SchemaChange[] {
    const changes: SchemaChange[] = [];
    const links: Link[] = this.isSame(from, to)
      ? []
      : [{ pointer: '', from: this.from.target(from), to: this.to.target(to) }];
    const seen = new Set<Section>();
    for (const link of links) {
      const section = this.sectionOf(link.from, link.to, side);
      if (seen.has(section)) continue;
      seen.add(section);
      for (const change of section.changes) {
        if (changes.length >= most) return changes;
        changes.push({ ...change, pointer: link.pointer + change.pointer });
      }
      if (links.length > MOST_SECTIONS) continue;
      for (const next of section.links) links.push({ ...next, pointer: link.pointer + next.pointer });
    }
    return changes;
  }

  /** References to schemas that have not changed. */
  private isSame(from: JsonSchema, to: JsonSchema): boolean {
    const name = nameOf(from);
    return name !== null && name === nameOf(to) && this.isUnchanged(name);
  }

  private sectionOf(from: JsonSchema, to: JsonSchema, side: Side): Section {
    const byFrom = this.sections[side];
    let byTo = byFrom.get(from);
    if (!byTo) {
      byTo = new Map<JsonSchema, Section>();
      byFrom.set(from, byTo);
    }
    let section = byTo.get(to);
    if (!section) {
      section = { changes: [], links: [] };
      byTo.set(to, section);
      this.walk(from, to, { section, side, pointer: '', depth: 0 });
    }
    return section;
  }

  private walk(from: JsonSchema, to: JsonSchema, at: Place): void {
    if (at.depth > DEEPEST) return;
    const before = this.from.viewOf(from);
    const after = this.to.viewOf(to);
    for (const { aspect, shift, text } of compareConstraints(before, after)) {
      const breaking = shift !== (at.side === 'request' ? 'widened' : 'narrowed');
      note(at, `${aspect}_${shift}`, breaking, '', text);
    }
    this.properties(before, after, at);
    this.additional(before, after, at);
    this.go(before.items, after.items, ANYTHING, at);
    this.alternatives(before, after, at);
  }

  /** Looks at what is inside: at once where it stands there, later where it is a reference. */
  private go(from: JsonSchema, to: JsonSchema, key: string, at: Place): void {
    if (from === to || this.isSame(from, to)) return;
    const pointer = at.pointer + key;
    if (nameOf(from) !== null || nameOf(to) !== null) {
      at.section.links.push({ pointer, from: this.from.target(from), to: this.to.target(to) });
    } else this.walk(from, to, { ...at, pointer, depth: at.depth + 1 });
  }

  private properties(before: SchemaView, after: SchemaView, at: Place): void {
    const old = visible(before, this.from, at.side);
    const now = visible(after, this.to, at.side);
    for (const [name, schema] of old) {
      const key = `/${escapeSegment(name)}`;
      const next = now.get(name);
      if (next === undefined) {
        noteGone(at, key, after.additional === false);
        continue;
      }
      noteRequired(at, key, before.required.has(name), after.required.has(name));
      this.go(schema, next, key, at);
    }
    for (const name of now.keys()) {
      if (old.has(name)) continue;
      const isDemanded = at.side === 'request' && after.required.has(name);
      const text = isDemanded ? 'is new and must be given' : 'is new';
      note(at, isDemanded ? 'property_required' : 'property_added', isDemanded, `/${escapeSegment(name)}`, text);
    }
  }

  private additional(before: SchemaView, after: SchemaView, at: Place): void {
    const was = before.additional !== false;
    const is = after.additional !== false;
    if (was && is) this.go(before.additional, after.additional, ANYTHING, at);
    else if (was)
      note(at, 'schema_narrowed', at.side === 'request', '', 'no longer has properties that are not declared');
    else if (is)
      note(at, 'schema_widened', at.side === 'response', '', 'may now have properties that are not declared');
  }

  private alternatives(before: SchemaView, after: SchemaView, at: Place): void {
    const { pairs, gone, added } = pairAlternatives(before.alternatives, after.alternatives);
    for (const [one, other] of pairs) this.go(one, other, '', at);
    if (gone === 0 && added === 0) return;
    const had = before.alternatives.length;
    const has = after.alternatives.length;
    const shift = shiftOfAlternatives(had, has, gone, added);
    const breaking = shift !== (at.side === 'request' ? 'widened' : 'narrowed');
    note(at, `alternatives_${shift}`, breaking, '', `had ${counted(had)} and now has ${counted(has)}`);
  }
}

interface Place {
  readonly section: Section;
  readonly side: Side;
  readonly pointer: string;
  readonly depth: number;
}

function note(at: Place, kind: SchemaChange['kind'], breaking: boolean, key: string, text: string): void {
  at.section.changes.push({ kind, breaking, pointer: at.pointer + key, text });
}

function noteGone(at: Place, key: string, isRefused: boolean): void {
  if (at.side === 'response') note(at, 'property_removed', true, key, 'is no longer there');
  else note(at, 'property_removed', isRefused, key, isRefused ? 'is no longer allowed' : 'is no longer declared');
}

function noteRequired(at: Place, key: string, was: boolean, is: boolean): void {
  if (was === is) return;
  const isRequest = at.side === 'request';
  if (is) note(at, 'property_required', isRequest, key, isRequest ? 'must now be given' : 'is now always there');
  else note(at, 'property_optional', !isRequest, key, isRequest ? 'may now be left out' : 'may now be missing');
}

/** What the side knows of an object: no request holds what is read-only, no answer what is write-only. */
function visible(view: SchemaView, views: Views, side: Side): Map<string, JsonSchema> {
  const mark = side === 'request' ? 'readOnly' : 'writeOnly';
  const found = new Map<string, JsonSchema>();
  for (const [name, schema] of view.properties) {
    if (own(schema, mark) !== true && own(views.target(schema), mark) !== true) found.set(name, schema);
  }
  for (const name of view.required) if (!view.properties.has(name)) found.set(name, true);
  return found;
}

interface Pairing {
  readonly pairs: readonly (readonly [JsonSchema, JsonSchema])[];
  /** How many are left over on either side. */
  readonly gone: number;
  readonly added: number;
}

/** Finds each alternative in the other version: as it was, else by its type, else as the only one that is left. */
function pairAlternatives(before: readonly JsonSchema[], after: readonly JsonSchema[]): Pairing {
  const pairs: (readonly [JsonSchema, JsonSchema])[] = [];
  let left = [...before];
  const free = [...after];
  for (const isSame of [isAsItWas, isOfType]) {
    left = left.filter((one) => {
      const index = free.findIndex((other) => isSame(one, other));
      const [other] = index < 0 ? [] : free.splice(index, 1);
      if (other !== undefined) pairs.push([one, other]);
      return other === undefined;
    });
  }
  const [one] = left;
  const [other] = free;
  if (left.length !== 1 || free.length !== 1 || one === undefined || other === undefined) {
    return { pairs, gone: left.length, added: free.length };
  }
  return { pairs: [...pairs, [one, other]], gone: 0, added: 0 };
}

function isAsItWas(one: JsonSchema, other: JsonSchema): boolean {
  const name = nameOf(one);
  return name === null && nameOf(other) === null ? sameJson(one, other) : name === nameOf(other);
}

function isOfType(one: JsonSchema, other: JsonSchema): boolean {
  const type = own(one, 'type');
  return type !== undefined && type !== 'object' && sameJson(type, own(other, 'type'));
}

/** One of several is demanded where anything was allowed before, or the other way round. */
function shiftOfAlternatives(had: number, has: number, gone: number, added: number): Shift {
  if (had === 0) return 'narrowed';
  if (has === 0 || gone === 0) return 'widened';
  return added === 0 ? 'narrowed' : 'changed';
}

function counted(count: number): string {
  return count === 0 ? 'no alternatives' : `${count} alternatives`;
}
