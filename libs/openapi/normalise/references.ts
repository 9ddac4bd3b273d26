import { copyJson, countValues, excerpt, isObject, own, type Json } from '../json.js';
import { escapeSegment, type Place } from '../place.js';
import type { Dialect } from '../upgrade/version.js';
import type { Warnings } from '../warning.js';

/** What a Reference Object may stand for; each has a section that its targets live in. */
export type Kind =
  | 'schema'
  | 'parameter'
  | 'response'
  | 'requestBody'
  | 'header'
  | 'example'
  | 'link'
  | 'callback'
  | 'securityScheme'
  | 'pathItem'
  | 'mediaType';

const SECTIONS: Readonly<Record<Kind, string>> = {
  schema: 'schemas',
  parameter: 'parameters',
  response: 'responses',
  requestBody: 'requestBodies',
  header: 'headers',
  example: 'examples',
  link: 'links',
  callback: 'callbacks',
  securityScheme: 'securitySchemes',
  pathItem: 'pathItems',
  mediaType: 'mediaTypes',
};
const SWAGGER_SECTIONS: Readonly<Partial<Record<Kind, string>>> = {
  schema: 'definitions',
  parameter: 'parameters',
  response: 'responses',
};
/** How many values may be copied so that deep references get a name of their own. */
const MOST_COPIED = 500_000;
const LONGEST_CHAIN = 50;

/** A target that got a name of its own and has still to be normalised. */
export interface Hoisted {
  readonly kind: Kind;
  readonly name: string;
  /** Where it stands in the document. */
  readonly keys: readonly string[];
}

/**
 * Settles each `$ref` of a document: either it is rewritten to `#/components/{section}/{name}` of a target that exists, or the
 * caller learns that it leads nowhere. Nothing outside the document is ever read.
 * https://spec.openapis.org/oas/v3.1.1#reference-object
 */
export class References {
  /** Targets given a name since the last look; the normaliser takes them from here. */
  readonly hoisted: Hoisted[] = [];
  /** The schemas that have a discriminator, as they are met: few, and who needs them need not search the document. */
  readonly discriminated: Json[] = [];
  private readonly settled = new Map<string, { ref: string | null; note: string | null }>();
  /** What was given out: not to be told of when it comes back. */
  private readonly canonicals = new Set<string>();
  private targets: Map<string, unknown> | null = null;
  private copied = 0;

  constructor(
    private readonly root: Json,
    private readonly dialect: Dialect,
    private readonly warnings: Warnings,
  ) {}

  /** The section of a kind; null when the document has none. */
  section(kind: Kind): Json | null {
    const section = this.sectionKeys(kind).reduce<unknown>((node, key) => own(node, key), this.root);
    return isObject(section) ? section : null;
  }

  sectionKeys(kind: Kind): string[] {
    return this.dialect === 'swagger' ? [SWAGGER_SECTIONS[kind] ?? ''] : ['components', SECTIONS[kind]];
  }

  /**
   * The canonical form of a reference, or null when it leads to nothing of that kind. Every repair and every failure
   * is listed with the place.
   */
  settle(kind: Kind, ref: string, place: Place): string | null {
    const key = `${kind} ${ref}`;
    let result = this.settled.get(key);
    if (!result) {
      result = this.find(kind, ref);
      this.settled.set(key, result);
    }
    if (result.note !== null) {
      const code = result.ref !== null ? 'reference-deep' : isExternal(ref) ? 'reference-external' : 'reference-broken';
      this.warnings.add(code, place, result.note);
    }
    return result.ref;
  }

  /** The canonical reference to a name of a section; null when there is no such name. */
  named(kind: Kind, name: string): string | null {
    return own(this.section(kind), name) === undefined ? null : this.canonical(kind, name);
  }

  /** Whether a reference is one to a shared schema by its own words, whatever stands there. */
  isToSchema(ref: string): boolean {
    return /^#\/(components\/schemas|definitions)\/./.test(ref);
  }

  /** A copy of what a reference points to, as long as all copies together stay bounded; else null. */
  copy(target: unknown): unknown {
    this.copied += countValues(target, MOST_COPIED);
    return this.copied > MOST_COPIED ? null : copyJson(target);
  }

  /** From here on the document does not change, so that what a reference points to can be remembered. */
  remember(): void {
    this.targets = new Map();
  }

  /** What a reference points to in the document, through aliases; undefined when it leads nowhere or in a circle. */
  resolve(node: unknown): unknown {
    const given = own(node, '$ref');
    if (typeof given !== 'string') return node;
    const known = this.targets?.get(given);
    if (known !== undefined) return known;
    const target = this.follow(node);
    this.targets?.set(given, target);
    return target;
  }

  private follow(node: unknown): unknown {
    let current = node;
    for (let hops = 0; hops < LONGEST_CHAIN; hops += 1) {
      const ref = own(current, '$ref');
      if (typeof ref !== 'string') return current;
      const keys = pointerKeys(ref);
      if (keys === null || keys.length === 0) return undefined;
      current = this.walk(this.homeOf(ref, keys));
    }
    return undefined;
  }

  private find(kind: Kind, given: string): { ref: string | null; note: string | null } {
    const ref = this.withoutBase(given);
    if (this.dialect === 'swagger' && this.canonicals.has(ref)) return { ref, note: null };
    const shown = `\`${excerpt(ref, 120)}\``;
    const hash = ref.indexOf('#');
    const keys = hash < 0 ? null : pointerKeys(ref.slice(hash));
    if (keys !== null && hash === 0) {
      const direct = this.direct(kind, keys);
      if (direct !== null) return { ref: direct, note: null };
    }
    if (keys !== null) {
      const direct = this.direct(kind, keys);
      if (direct !== null) return { ref: direct, note: `The reference ${shown} was read as one into this document.` };
      const deep = this.hoist(kind, keys);
      if (deep !== null)
        return { ref: deep, note: `The target of the reference ${shown} was given a name of its own.` };
    }
    const name = decode((keys ?? [ref.replace(/^#/, '')]).at(-1) ?? '');
    const section = this.section(kind);
    if (name !== '' && section !== null && Object.hasOwn(section, name)) {
      return {
        ref: this.canonical(kind, name),
        note: `The reference ${shown} was read as one to \`${excerpt(name)}\`.`,
      };
    }
    const why = isExternal(ref) ? 'points outside the document, which is never read' : 'points to nothing';
    return { ref: null, note: `The reference ${shown} ${why}; it was left out.` };
  }

  /** A document may say its own address, which references then may name: https://spec.openapis.org/oas/v3.2.0#openapi-object */
  private withoutBase(ref: string): string {
    const base = own(this.root, '$self');
    const hash = ref.indexOf('#');
    if (typeof base !== 'string' || hash <= 0) return ref;
    return withoutHash(ref.slice(0, hash), base) === withoutHash(base, base) ? ref.slice(hash) : ref;
  }

  /** Where the target of a reference that was given out stands in a document of Swagger 2.0. */
  private homeOf(ref: string, keys: readonly string[]): readonly string[] {
    if (this.dialect !== 'swagger' || !this.canonicals.has(ref)) return keys;
    const kind = (Object.keys(SWAGGER_SECTIONS) as Kind[]).find((candidate) => SECTIONS[candidate] === keys[1]);
    return kind === undefined ? keys : [...this.sectionKeys(kind), ...keys.slice(2)];
  }

  private direct(kind: Kind, keys: readonly string[]): string | null {
    const section = this.sectionKeys(kind);
    if (keys.length !== section.length + 1 || section.some((key, index) => keys[index] !== key)) return null;
    const entries = this.section(kind);
    const name = keys.at(-1) ?? '';
    const found = [decode(name), name].find(
      (candidate) => candidate !== '' && entries !== null && Object.hasOwn(entries, candidate),
    );
    return found === undefined || !fits(kind, entries?.[found]) ? null : this.canonical(kind, found);
  }

  private hoist(kind: Kind, keys: readonly string[]): string | null {
    const target = this.walk(keys);
    if (!this.hasSection(kind) || keys.length === 0 || !isObject(target) || !fits(kind, target)) return null;
    this.copied += countValues(target, MOST_COPIED);
    if (this.copied > MOST_COPIED) return null;
    const section = this.sectionKeys(kind).reduce(objectAt, this.root);
    const name = freeName(section, keys);
    section[name] = copyJson(target);
    this.hoisted.push({ kind, name, keys: keys.map(decode) });
    return this.canonical(kind, name);
  }

  private hasSection(kind: Kind): boolean {
    return this.dialect !== 'swagger' || SWAGGER_SECTIONS[kind] !== undefined;
  }

  /** Always as 3.x has it, so that an upgrade has no references to change. */
  private canonical(kind: Kind, name: string): string {
    const ref = `#/components/${SECTIONS[kind]}/${escapeSegment(name)}`;
    this.canonicals.add(ref);
    return ref;
  }

  /** Follows keys from the root; a reference on the way is followed too. */
  private walk(keys: readonly string[], hops = 0): unknown {
    let node: unknown = this.root;
    for (const [index, key] of keys.entries()) {
      const ref = own(node, '$ref');
      if (index > 0 && typeof ref === 'string' && own(node, key) === undefined && hops < LONGEST_CHAIN) {
        return this.walk([...(pointerKeys(ref) ?? []), ...keys.slice(index)], hops + 1);
      }
      node = step(node, key);
      if (node === undefined) return undefined;
    }
    return node;
  }
}

function objectAt(node: Json, key: string): Json {
  const found = own(node, key);
  if (isObject(found)) return found;
  const made: Json = {};
  node[key] = made;
  return made;
}

function step(node: unknown, key: string): unknown {
  if (Array.isArray(node)) return /^\d+$/.test(key) ? (node as unknown[])[Number(key)] : undefined;
  return own(node, decode(key)) ?? own(node, key);
}

/** The keys of `#/a/b`, `~` unescaped and percent signs left; null when it is not such a pointer. */
function pointerKeys(fragment: string): string[] | null {
  if (!fragment.startsWith('#/')) return fragment === '#' ? [] : null;
  return fragment
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(key: string): string {
  if (!key.includes('%')) return key;
  try {
    return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return key;
  }
}

/** An address made absolute; a base that is no URL is compared as it is. */
function withoutHash(address: string, base: string): string {
  const absolute = URL.canParse(base) ? base : 'about:blank';
  return URL.canParse(address, absolute) ? new URL(address, absolute).href.replace(/#.*$/s, '') : address;
}

function isExternal(ref: string): boolean {
  return !ref.startsWith('#');
}

/** Whether a target can be of a kind at all: a Parameter has a name and a place, a Request Body has content. */
function fits(kind: Kind, target: unknown): boolean {
  if (kind === 'schema') return isObject(target) || typeof target === 'boolean';
  if (!isObject(target)) return false;
  if (typeof target.$ref === 'string') return true;
  if (kind === 'parameter') return typeof target.name === 'string' && typeof target.in === 'string';
  if (kind === 'requestBody') return isObject(target.content);
  return true;
}

const STRUCTURAL = new Set(['components', 'schemas', 'definitions', 'properties', 'paths', 'schema', 'content']);

function freeName(section: Json, keys: readonly string[]): string {
  const words = keys.filter((key) => !STRUCTURAL.has(key)).map((key) => decode(key).replace(/[^\w.-]+/g, '_'));
  const base = words.join('_').replace(/^_+/, '').slice(-80) || 'Referenced';
  let name = base;
  for (let count = 2; Object.hasOwn(section, name); count += 1) name = `${base}_${count}`;
  return name;
}
