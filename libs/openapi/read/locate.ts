import yaml from 'js-yaml';
import { splitPointer } from '../place.js';
import { Lines, type Position } from './position.js';
import { PLAIN_SCHEMA } from './yaml-schema.js';

/** A value in a text: where it (or its name) begins, and what it holds, by name or index. */
interface Located {
  readonly offset: number;
  readonly parts: ReadonlyMap<string, Located>;
}

/**
 * Where values stand in a JSON or YAML text that has been read before. A pointer to what does not stand there (it was
 * added, or the document was upgraded) is told the place of its nearest parent that does.
 * @returns the positions by pointer; empty when the text cannot be told apart after all.
 */
export function locate(text: string, isJson: boolean, pointers: Iterable<string>): Map<string, Position> {
  const wanted = new Wanted();
  const list = [...new Set(pointers)];
  for (const pointer of list) wanted.add(splitPointer(pointer));
  const root = isJson ? new JsonLocator(text).locate(wanted) : locateYaml(text);
  const lines = new Lines(text);
  const found = new Map<string, Position>();
  for (const pointer of root ? list : []) {
    let node = root;
    for (const key of splitPointer(pointer)) {
      const part = node?.parts.get(key);
      if (!part) break;
      node = part;
    }
    if (node) found.set(pointer, lines.at(node.offset));
  }
  return found;
}

/** The keys on the way to the wanted pointers: everything else is skipped over. */
class Wanted {
  readonly parts = new Map<string, Wanted>();

  add(keys: readonly string[]): void {
    const [first, ...rest] = keys;
    if (first === undefined) return;
    const next = this.parts.get(first) ?? new Wanted();
    this.parts.set(first, next);
    next.add(rest);
  }
}

/** Walks a well-formed JSON text, only into what is wanted. */
class JsonLocator {
  private offset = 0;

  constructor(private readonly text: string) {}

  locate(wanted: Wanted): Located {
    this.space();
    const offset = this.offset;
    return { offset, parts: this.parts(wanted) };
  }

  private parts(wanted: Wanted | undefined): Map<string, Located> {
    const found = new Map<string, Located>();
    const open = this.text[this.offset];
    if (wanted === undefined || wanted.parts.size === 0 || (open !== '{' && open !== '[')) {
      this.skip();
      return found;
    }
    const close = open === '{' ? '}' : ']';
    this.offset += 1;
    for (let index = 0; ; index += 1) {
      this.space();
      if (this.text[this.offset] === close || this.offset >= this.text.length) break;
      const begin = this.offset;
      const key = open === '{' ? this.name() : String(index);
      found.set(key, { offset: begin, parts: this.parts(wanted.parts.get(key)) });
      this.space();
      if (this.text[this.offset] === ',') this.offset += 1;
    }
    this.offset += 1;
    return found;
  }

  private name(): string {
    const begin = this.offset;
    this.string();
    const name = JSON.parse(this.text.slice(begin, this.offset)) as string;
    this.space();
    this.offset += 1;
    this.space();
    return name;
  }

  private skip(): void {
    let depth = 0;
    do {
      const char = this.text[this.offset];
      if (char === undefined) return;
      if (char === '"') this.string();
      else {
        if (char === '{' || char === '[') depth += 1;
        else if (char === '}' || char === ']') depth -= 1;
        this.offset += 1;
        if (depth === 0 && !'}]'.includes(char))
          while (/[^\s,}\]]/.test(this.text[this.offset] ?? ' ')) this.offset += 1;
      }
    } while (depth > 0);
  }

  private string(): void {
    let end = this.offset;
    do end = this.text.indexOf('"', end + 1);
    while (end > 0 && this.isEscaped(end));
    this.offset = end < 0 ? this.text.length : end + 1;
  }

  private isEscaped(offset: number): boolean {
    let backslashes = 0;
    while (this.text[offset - 1 - backslashes] === '\\') backslashes += 1;
    return backslashes % 2 === 1;
  }

  private space(): void {
    while (/\s/.test(this.text[this.offset] ?? '')) this.offset += 1;
  }
}

/** What js-yaml tells while it reads, kept as a tree. */
interface Frame {
  readonly offset: number;
  readonly inner: Frame[];
  name: string;
  kind: string;
}

function locateYaml(text: string): Located | null {
  const open: Frame[] = [{ offset: 0, inner: [], name: '', kind: '' }];
  const listener = (event: yaml.EventType, state: yaml.State): void => {
    if (event === 'open') {
      open.push({ offset: state.position, inner: [], name: '', kind: '' });
      return;
    }
    const frame = open.pop();
    if (!frame) return;
    frame.kind = state.kind;
    if (typeof state.result === 'string' || typeof state.result === 'number') frame.name = String(state.result);
    open.at(-1)?.inner.push(frame);
  };
  try {
    yaml.loadAll(text, () => undefined, {
      json: true,
      schema: PLAIN_SCHEMA,
      listener,
      ...{ maxDepth: 10_000, maxTotalMergeKeys: -1 },
    });
  } catch {
    return null;
  }
  const root = open[0]?.inner[0];
  return root ? located(root, text) : null;
}

/** A mapping's frame holds names and values by turns, a sequence's its items. */
function located(frame: Frame, text: string, offset = frame.offset): Located {
  const parts = new Map<string, Located>();
  const { inner, kind } = frame;
  if (kind === 'mapping') {
    for (let index = 0; index + 1 < inner.length; index += 2) {
      const [name, value] = [inner[index], inner[index + 1]];
      if (name && value) parts.set(name.name, located(value, text, name.offset));
    }
  } else if (kind === 'sequence') {
    for (const [index, item] of inner.entries()) parts.set(String(index), located(item, text));
  }
  return { offset: afterSpace(text, offset), parts };
}

function afterSpace(text: string, offset: number): number {
  let end = offset;
  while (/[\s-]/.test(text[end] ?? '')) end += 1;
  return end;
}
