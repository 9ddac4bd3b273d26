import { tryBase64 } from '../serialise/bytes.js';
import { isBytes, isGiven, isRecord } from '../serialise/value.js';
import { faultAt, type Fault } from './fault.js';

/** Deeper than this nobody looks for files. */
const DEEPEST = 400;

/**
 * What is wrong with the files of a body, each at its own place. Whether a blob is there is not for a document to say.
 * @param hasParts whether its fields, and the items of their lists, travel as parts: what is called `$file` there is
 *   meant as a file. Anywhere else an object may have such a field of its own.
 */
export function fileFaults(body: unknown, hasParts: boolean): Fault[] {
  const faults: Fault[] = [];
  const look = (value: unknown, path: readonly string[], isPart: boolean): void => {
    if (typeof value !== 'object' || value === null || isBytes(value) || path.length > DEEPEST) return;
    if (isRecord(value) && Object.hasOwn(value, '$file') && (isPart || isMeantAsFile(value))) {
      faults.push(...faultsOfFile(value.$file, [...path, '$file']));
      return;
    }
    const areParts = hasParts && (path.length === 0 || (isPart && Array.isArray(value)));
    for (const [key, member] of Object.entries(value)) look(member, [...path, key], areParts);
  };
  look(body, [], hasParts);
  return faults;
}

function isMeantAsFile({ $file: file, ...others }: Readonly<Record<string, unknown>>): boolean {
  if (!isRecord(file) || Object.keys(others).length > 0) return false;
  return Object.hasOwn(file, 'base64') || Object.hasOwn(file, 'blob');
}

function faultsOfFile(file: unknown, path: readonly string[]): Fault[] {
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
