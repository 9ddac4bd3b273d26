import { tryBase64 } from '../serialise/bytes.js';
import { isBytes, isGiven, isRecord } from '../serialise/value.js';
import { faultAt, type Fault } from './fault.js';
import { isNode, type Schemas } from './node.js';
import { declaredProperties } from './properties.js';
import { MADE_UP, type Path } from './run.js';

/** Deeper than this nobody looks for files. */
const DEEPEST = 400;

export interface FilesOf {
  /** What the document says of the body: its names are told. */
  readonly schema: unknown;
  readonly schemas: Schemas;
  /**
   * Whether its fields, and the items of their lists, travel as parts: what is called `$file` there is meant as a file. Anywhere
   * else an object may have such a field of its own.
   */
  readonly hasParts: boolean;
}

/** What is wrong with the files of a body, each at its own place. Whether a blob is there is not for a document to say. */
export function fileFaults(body: unknown, { schema, schemas, hasParts }: FilesOf): Fault[] {
  const faults: Fault[] = [];
  const look = (value: unknown, path: Path, isPart: boolean, node: unknown): void => {
    if (typeof value !== 'object' || value === null || isBytes(value) || path.length > DEEPEST) return;
    if (isRecord(value) && Object.hasOwn(value, '$file') && (isPart || isMeantAsFile(value))) {
      faults.push(...faultsOfFile(value.$file, [...path, '$file']));
      return;
    }
    const areParts = hasParts && (path.length === 0 || (isPart && Array.isArray(value)));
    if (Array.isArray(value)) {
      const items = itemsOf(node, schemas);
      value.forEach((item, index) => look(item, [...path, String(index)], areParts, items));
      return;
    }
    const declared = isNode(node) ? declaredProperties(node, schemas) : new Map<string, unknown>();
    for (const [name, member] of Object.entries(value)) {
      look(member, [...path, declared.has(name) ? name : MADE_UP], areParts, declared.get(name));
    }
  };
  look(body, [], hasParts, schema);
  return faults;
}

function itemsOf(node: unknown, schemas: Schemas): unknown {
  const target = schemas.resolve(node);
  return isNode(target) ? target.items : undefined;
}

function isMeantAsFile({ $file: file, ...others }: Readonly<Record<string, unknown>>): boolean {
  if (!isRecord(file) || Object.keys(others).length > 0) return false;
  return Object.hasOwn(file, 'base64') || Object.hasOwn(file, 'blob');
}

function faultsOfFile(file: unknown, path: Path): Fault[] {
  if (!isRecord(file)) return [faultAt('req_body', path, 'an object with "base64" or "blob"', file)];
  const { base64, blob } = file;
  if (isGiven(base64) === isGiven(blob)) return [faultAt('req_body', path, 'either "base64" or "blob"', file)];
  if (isGiven(blob)) {
    return typeof blob === 'string'
      ? []
      : [faultAt('req_body', [...path, 'blob'], 'the name of an uploaded blob', blob)];
  }
  if (isBytes(base64) || (typeof base64 === 'string' && tryBase64(base64))) return [];
  return [faultAt('req_body', [...path, 'base64'], 'base64 text', base64)];
}
