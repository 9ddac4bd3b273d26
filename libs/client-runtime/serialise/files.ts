import { Permanent } from '#core';
import { fileOf } from './bytes.js';
import { isBytes, isRecord } from './value.js';

/** Deeper than this nobody looks for files. */
const DEEPEST = 400;
/** What the files of one body may come to, each as often as it is named: 256 MiB. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Checks what the files of one body come to, before their bytes are read.
 * @param bytes of all of them together.
 * @throws Permanent above 256 MiB.
 */
export function checkFileBytes(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new Permanent('BODY_UNSUITABLE', `Expected files of at most ${MOST_BYTES} bytes in one body, got more.`);
}

/**
 * The names of the blobs that files of a body name, each once: what has to be read before the request is built.
 * @param bodyJson as `RequestInput.bodyJson`.
 */
export function blobsIn(bodyJson: string | Buffer): string[] {
  if (!mayHoldFiles(bodyJson) || !bodyJson.includes('"blob"')) return [];
  const names = new Set<string>();
  mapFiles(JSON.parse(bodyJson.toString()), (file) => {
    if (typeof file.$file.blob === 'string') names.add(file.$file.blob);
    return file;
  });
  return [...names];
}

/** Whether a JSON text could hold a file: cheap, and never wrong about a no. */
export function mayHoldFiles(bodyJson: string | Buffer): boolean {
  return bodyJson.includes('"$file"');
}

/**
 * A body whose files hold bytes where they named blobs. A file with both is left as it is, for its own refusal.
 * @throws Permanent when a blob is not there, or all of them come to more than 256 MiB.
 */
export function withBlobs(body: unknown, blobs: ReadonlyMap<string, Uint8Array> | undefined): unknown {
  let total = 0;
  return mapFiles(body, (file) => {
    const { blob, ...rest } = file.$file;
    if (typeof blob !== 'string' || Object.hasOwn(rest, 'base64')) return file;
    const bytes = blobs?.get(blob);
    if (!bytes) {
      // It is a value of a body like any other, and so not repeated.
      throw new Permanent('BLOB_UNKNOWN', 'Expected "$file.blob" to name an uploaded blob, got a name that none has.');
    }
    total += bytes.length;
    checkFileBytes(total);
    return { $file: { ...rest, base64: bytes } };
  });
}

/** A body whose files, at any depth, are base64 texts: what stands for bytes in JSON and in URL-encoded forms. */
export function filesAsText(body: Readonly<Record<string, unknown>>): Record<string, unknown>;
export function filesAsText(body: unknown): unknown;
export function filesAsText(body: unknown): unknown {
  return mapFiles(body, (file) => fileOf(file, 'a file in the request body')?.bytes.toString('base64'));
}

interface FileNode {
  readonly $file: Readonly<Record<string, unknown>>;
}

/** The value, copied where a file in it was replaced. */
function mapFiles(value: unknown, replace: (file: FileNode) => unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || isBytes(value) || depth > DEEPEST) return value;
  if (isFileNode(value)) return replace(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => mapFiles(item, replace, depth + 1));
    return items.every((item, i) => item === value[i]) ? value : items;
  }
  const entries = Object.entries(value);
  const members = entries.map(([name, member]) => [name, mapFiles(member, replace, depth + 1)] as const);
  return members.every(([, member], i) => member === entries[i]?.[1]) ? value : Object.fromEntries(members);
}

/** Nothing but `$file` with bytes in it: an object that merely has such a field is somebody's own. */
function isFileNode(value: object): value is FileNode {
  if (!('$file' in value) || Object.keys(value).length !== 1 || !isRecord(value.$file)) return false;
  return Object.hasOwn(value.$file, 'base64') || Object.hasOwn(value.$file, 'blob');
}
