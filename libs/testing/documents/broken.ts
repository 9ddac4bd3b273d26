/** What people and programs leave where something else should stand. */
const REPLACEMENTS: readonly unknown[] = [null, '', 0, true, [], {}, [null], 'x'.repeat(500), { $ref: '#' }];

export interface BrokenDocument {
  /** What was done to it. */
  readonly name: string;
  readonly document: unknown;
}

/**
 * A document with each of its values in turn replaced by something else, a reference to the value itself included. Each is
 * made when it is asked for; the values that are not replaced are shared, so copy what you change.
 * @param every takes one of so many, spread evenly.
 */
export function* withEachValueReplaced(document: unknown, every = 1): Generator<BrokenDocument> {
  let count = 0;
  for (const keys of placesIn(document)) {
    const pointer = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    for (const value of [...REPLACEMENTS, { $ref: `#${pointer}` }]) {
      count += 1;
      if (count % every !== 0) continue;
      yield { name: `${pointer} = ${JSON.stringify(value).slice(0, 40)}`, document: replaced(document, keys, value) };
    }
  }
}

/** A document with each of its names in turn, or one of so many, replaced by one that trips up programs. */
export function* withEachNameReplaced(
  document: unknown,
  names: readonly string[],
  every = 1,
): Generator<BrokenDocument> {
  let count = 0;
  for (const keys of placesIn(document)) {
    if (keys.length === 0) continue;
    count += 1;
    if (count % every !== 0) continue;
    const name = names[count % names.length] ?? '';
    yield { name: `${keys.join('/')} became ${JSON.stringify(name)}`, document: renamed(document, keys, name) };
  }
}

function* placesIn(value: unknown, keys: readonly string[] = []): Generator<readonly string[]> {
  yield keys;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* placesIn(item, [...keys, key]);
}

function replaced(node: unknown, keys: readonly string[], value: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (Array.isArray(node))
    return node.map((item, index) => (String(index) === key ? replaced(item, rest, value) : (item as unknown)));
  const entries = Object.entries(node as object).map(([name, item]): [string, unknown] => [
    name,
    name === key ? replaced(item, rest, value) : item,
  ]);
  return Object.fromEntries(entries);
}

function renamed(node: unknown, keys: readonly string[], to: string): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return node;
  if (Array.isArray(node))
    return node.map((item, index) => (String(index) === key ? renamed(item, rest, to) : (item as unknown)));
  const entries = Object.entries(node as object).map(([name, item]): [string, unknown] => {
    if (name !== key) return [name, item];
    return rest.length === 0 ? [to, item] : [name, renamed(item, rest, to)];
  });
  return Object.fromEntries(entries);
}

/** Names that every object has, that end comments and strings, that pointers and URLs escape, that nobody can see. */
export const HOSTILE_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a\nb',
  '"',
  "'",
  '`${process.exit(1)}`',
  '*/ export default 1; /*',
  '\u2028',
  '\u0000',
  '💥',
  '\ud800',
  '~1/~0',
  '100%',
  '%2F',
  '#',
  '?',
  '',
  ' ',
  'x'.repeat(5_000),
  '{id}',
  '$ref',
  'x-',
  '\ue025',
  '//host',
  'A «B»',
];
