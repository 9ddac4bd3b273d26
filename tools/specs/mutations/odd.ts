import { isNode, type Anatomy, type Node } from '../anatomy.js';
import { pick, type Random } from '../random.js';

/** What one slip of a publisher does to a document, in place. */
export type Mutation = (root: Node, anatomy: Anatomy, random: Random) => void;

export const ODD_NAMES = [
  'constructor',
  'toString',
  '__proto__',
  'a b',
  'ä',
  '日本',
  '💥',
  'a/b',
  'a~b',
  '100%',
  'a#b',
  'x"y',
  "x'y",
  'a`b',
  '*/',
  'a\nb',
  '${x}',
  'a.b',
  'a[]',
  'A«B»',
  '1',
  'default',
  'class',
  'a:b',
  '$x',
  '',
  ' ',
];
export const ODD_TYPES = [
  'String',
  'int',
  'date',
  'any',
  'file',
  'null',
  'double',
  'uuid',
  'Foo',
  '',
  ['string', 'null'],
  ['string', 'integer'],
  ['object', 'null'],
  ['array', 'null'],
  [],
  null,
  7,
  {},
  'object',
  'array',
  'boolean',
  'integer',
];
export const ODD_VALUES = [
  null,
  '',
  'x',
  0,
  -1,
  1e21,
  true,
  [],
  [null],
  {},
  { $ref: '#/nowhere' },
  { type: 'string' },
  'true',
  '1',
];
export const ODD_REFS = [
  '#/definitions/Gone',
  '#/components/schemas/Gone',
  'Gone',
  '#Gone',
  './other.yaml',
  './other.yaml#/A',
  'https://example.com/x.json#/A',
  '//host/x',
  'data:,x',
  'file:///etc/passwd',
  '#',
  '#/',
  '#/paths',
  '#/info/title',
  '#/components/schemas',
  '#/definitions',
  '',
];
export const PATTERNS = [
  '^(a+)+$',
  '[',
  '(?<name>x',
  '\\',
  '^[\\w.]+$',
  '/^x$/i',
  '(?i)abc',
  '^\\p{L}+$',
  '*/',
  '`${x}`',
];

/** One of the values of a list, given to a field of one of the nodes. */
export function set(nodes: (anatomy: Anatomy) => readonly Node[], key: string, values: readonly unknown[]): Mutation {
  return (_, anatomy, random) => {
    const node = pick(random, nodes(anatomy));
    if (node) node[key] = structuredClone(pick(random, values));
  };
}

export function drop(nodes: (anatomy: Anatomy) => readonly Node[], ...keys: string[]): Mutation {
  return (_, anatomy, random) => {
    const node = pick(random, nodes(anatomy));
    for (const key of keys) if (node) Reflect.deleteProperty(node, key);
  };
}

export const schemas = (anatomy: Anatomy): readonly Node[] => anatomy.schemas;
export const parameters = (anatomy: Anatomy): readonly Node[] => anatomy.parameters;
export const operations = (anatomy: Anatomy): readonly Node[] => anatomy.operations.map(({ node }) => node);
export const responses = (anatomy: Anatomy): readonly Node[] => anatomy.responses;
export const pathItems = (anatomy: Anatomy): readonly Node[] => anatomy.pathItems;
export const schemes = (anatomy: Anatomy): readonly Node[] => anatomy.securitySchemes;
export const contents = (anatomy: Anatomy): readonly Node[] => anatomy.contents;
export const media = (anatomy: Anatomy): readonly Node[] =>
  anatomy.contents.flatMap((map) => Object.values(map).filter(isNode));

export function reference(anatomy: Anatomy, random: Random): string {
  const prefix = anatomy.isSwagger ? '#/definitions/' : '#/components/schemas/';
  return prefix + (pick(random, Object.keys(anatomy.named)) ?? 'Gone').replaceAll('~', '~0').replaceAll('/', '~1');
}

export function renameKey(map: unknown, random: Random, names: readonly string[]): void {
  if (!isNode(map)) return;
  const key = pick(random, Object.keys(map));
  const name = pick(random, names);
  if (key === undefined || name === undefined) return;
  const value = map[key];
  Reflect.deleteProperty(map, key);
  Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
}
