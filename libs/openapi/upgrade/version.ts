import { Permanent } from '#core';
import { describe, excerpt, own, type Json } from '../json.js';
import type { Warnings } from '../warning.js';
import { lookAlike, versionByShape } from './look-alike.js';

/** The families that differ in shape: Swagger 2.0, OpenAPI 3.0, and 3.1 with what follows it. */
export type Dialect = 'swagger' | '3.0' | '3.1';

/**
 * Which OpenAPI a document says it is. Versions written as numbers or carelessly (`3`, `v3.0`, `3.0.x`) are understood, and so is
 * one that stands under the other's field name, or a field name in capitals; where none is said, or nonsense, the
 * words that the document uses tell. What is read as a version of 3.x stands under `openapi` afterwards.
 * @throws Permanent when the document is something else, or of a version that is neither 2.0 nor 3.x.
 */
export function detectDialect(root: Json, warnings: Warnings): Dialect {
  const field = ['openapi', 'swagger'].find((key) => own(root, key) !== undefined) ?? fieldInCapitals(root);
  const given = field === undefined ? undefined : own(root, field);
  const isOld = own(root, 'swaggerVersion') !== undefined;
  const read = readVersion(given) ?? (isOld ? null : versionByShape(root));
  if (read === null) throw refusal(root, field, given);
  const dialect = read === '2.0' ? 'swagger' : read.startsWith('3.0') ? '3.0' : '3.1';
  const isGood = field === (dialect === 'swagger' ? 'swagger' : 'openapi') && isWellWritten(given);
  if (!isGood) tell(field, given, read, warnings);
  if (dialect !== 'swagger') root.openapi = isGood ? given : read;
  return dialect;
}

function fieldInCapitals(root: Json): string | undefined {
  return Object.keys(root).find((key) => /^(openapi|swagger)$/i.test(key.trim()));
}

function isWellWritten(given: unknown): boolean {
  return typeof given === 'string' && /^(2\.0|3\.[012]\.\d+)$/.test(given);
}

/** The version that is meant, well written; null when it is none of ours. */
function readVersion(given: unknown): string | null {
  if (typeof given !== 'string' && typeof given !== 'number') return null;
  const [, major, minor = '0', patch] = /^\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/i.exec(String(given)) ?? [];
  if (major === '2') return '2.0';
  if (major !== '3') return null;
  const known = Math.min(2, Number(minor));
  const usual = known === 0 ? '3' : '0';
  return `3.${known}.${Number(minor) === known ? (patch ?? usual) : usual}`;
}

function tell(field: string | undefined, given: unknown, read: string, warnings: Warnings): void {
  const short = read.split('.').slice(0, 2).join('.');
  const name = short === '2.0' ? 'Swagger 2.0' : `OpenAPI ${short}`;
  if (field === undefined) {
    warnings.add('version', '', `The document says no version; by the words it uses it was read as ${name}.`);
    return;
  }
  const shown = typeof given === 'string' || typeof given === 'number' ? excerpt(String(given), 20) : describe(given);
  warnings.add(
    'version',
    `/${field}`,
    `The version ${shown === '' ? 'without a character' : shown} was read as ${name}.`,
  );
}

function refusal(root: Json, field: string | undefined, given: unknown): Permanent {
  const isSaid = typeof given === 'string' || typeof given === 'number';
  const kind = lookAlike(root);
  const message =
    field === undefined || kind.startsWith('Swagger 1') || (isSaid && kind !== describe(root))
      ? `Expected an OpenAPI document with a field \`openapi\` or \`swagger\` at /, got ${kind}.`
      : isSaid
        ? `Expected OpenAPI 2.0, 3.0, 3.1 or 3.2 at /${field}, got "${excerpt(String(given), 20)}".`
        : `Expected a version such as "3.0.3" at /${field}, got ${describe(given)}.`;
  return new Permanent('SPEC_NOT_OPENAPI', message);
}
