import { Permanent } from '#core';
import { own } from '../json.js';
import type { DocumentLimits } from '../limits.js';
import { Place } from '../place.js';
import type { Warnings } from '../warning.js';

export interface Contained {
  readonly value: unknown;
  /** How many names the objects held, those that were left out included. */
  readonly names: number;
}

/**
 * Makes a parsed value safe to hand to anything else: a tree of plain JSON values, of bounded depth, in which no value
 * stands in two places, no number is infinite and no key is `__proto__`. The value is changed in place where it can be.
 * @throws Permanent naming the place where values nest too deep or YAML aliases expand to too many.
 */
export function containValue(value: unknown, mayShare: boolean, limits: DocumentLimits, warnings: Warnings): Contained {
  const container = new Container(limits, warnings, mayShare ? new Set() : null);
  return { value: container.visit(value, Place.root, 1), names: container.names };
}

class Container {
  names = 0;
  private aliased = 0;

  constructor(
    private readonly limits: DocumentLimits,
    private readonly warnings: Warnings,
    private readonly seen: Set<object> | null,
  ) {}

  visit(value: unknown, place: Place, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return this.scalar(value, place);
    if (depth > this.limits.maxDepth) {
      const shown = place.pointer.slice(0, 120);
      const message = `Expected values nested at most ${this.limits.maxDepth} deep, got deeper ones at ${shown}….`;
      throw new Permanent('SPEC_TOO_DEEP', message);
    }
    const target = this.isShared(value, place)
      ? Array.isArray(value)
        ? [...(value as unknown[])]
        : { ...value }
      : value;
    return Array.isArray(target) ? this.visitArray(target, place, depth) : this.visitObject(target, place, depth);
  }

  private visitArray(array: unknown[], place: Place, depth: number): unknown[] {
    for (let index = 0; index < array.length; index += 1) {
      const item = array[index];
      if (isPlain(item)) continue;
      array[index] = this.visit(item, place.at(index), depth + 1);
    }
    return array;
  }

  private visitObject(object: object, place: Place, depth: number): object {
    const node = object as Record<string, unknown>;
    const keys = Object.keys(node);
    this.names += keys.length;
    if (Object.hasOwn(node, '__proto__')) {
      Reflect.deleteProperty(node, '__proto__');
      this.warnings.add('dangerous-key', place, 'A key `__proto__` was left out.');
    }
    for (const key of keys) {
      const item = own(node, key);
      if (item === undefined || isPlain(item)) continue;
      const kept = this.visit(item, place.at(key), depth + 1);
      if (kept !== item) node[key] = kept;
    }
    return node;
  }

  private scalar(value: unknown, place: Place): unknown {
    if (typeof value !== 'number' || Number.isFinite(value)) return value ?? null;
    this.warnings.add('shape', place, `${value} is not a JSON number and was read as null.`);
    return null;
  }

  /** Whether a value was met before. Each place it stands in counts against what aliases may add. */
  private isShared(value: object, place: Place): boolean {
    if (this.seen === null) return false;
    if (!this.seen.has(value)) {
      this.seen.add(value);
      return false;
    }
    this.aliased += Object.keys(value).length + 1;
    if (this.aliased > this.limits.maxAliasedValues) {
      const most = this.limits.maxAliasedValues.toLocaleString('en-US');
      throw new Permanent(
        'SPEC_ALIASES',
        `Expected YAML aliases that add at most ${most} values, got more at ${place.pointer}.`,
      );
    }
    return true;
  }
}

/** Whether a value needs no look: most of a document is text. */
function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}
