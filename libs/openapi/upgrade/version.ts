import { Permanent } from '#core';
import { describe, excerpt, own, type Json } from '../json.js';
import type { Warnings } from '../warning.js';

/** The families that differ in shape: Swagger 2.0, OpenAPI 3.0, and 3.1 with what follows it. */
export type Dialect = 'swagger' | '3.0' | '3.1';

/**
 * Which OpenAPI a document says it is. Versions written as numbers or carelessly (`3`, `v3.0`, `3.0.x`) are understood, and so is
 * one that stands under the other's field name.
 * @throws Permanent when the document has neither `openapi` nor `swagger`, or a version that is neither 2.0 nor 3.x.
 */
export function detectDialect(root: Json, warnings: Warnings): Dialect {
  const field = own(root, 'openapi') !== undefined ? 'openapi' : 'swagger';
  const given = own(root, field);
  if (given === undefined) {
    const other = own(root, 'swaggerVersion') === undefined ? describe(root) : 'Swagger 1.x (`swaggerVersion`)';
    throw wrong(`Expected an OpenAPI document with a field \`openapi\` or \`swagger\` at /, got ${other}.`);
  }
  if (typeof given !== 'string' && typeof given !== 'number') {
    throw wrong(`Expected a version such as "3.0.3" at /${field}, got ${describe(given)}.`);
  }
  const [, major, minor] = /^\s*v?(\d+)(?:\.(\d+))?/i.exec(String(given)) ?? [];
  const dialect = dialectOf(major, minor);
  if (dialect === null) {
    throw wrong(`Expected OpenAPI 2.0, 3.0, 3.1 or 3.2 at /${field}, got "${excerpt(String(given), 20)}".`);
  }
  if ((dialect === 'swagger') !== (field === 'swagger') || typeof given === 'number') {
    warnings.add(
      'version',
      `/${field}`,
      `The version ${given} was read as ${dialect === 'swagger' ? '2.0' : dialect}.`,
    );
  } else if (Number(minor) > 2) {
    warnings.add('version', `/${field}`, `OpenAPI ${excerpt(given, 20)} is not known here and was read as 3.2.`);
  }
  return dialect;
}

function dialectOf(major: string | undefined, minor: string | undefined): Dialect | null {
  if (major === '2') return 'swagger';
  if (major !== '3') return null;
  return minor === undefined || minor === '0' ? '3.0' : '3.1';
}

function wrong(message: string): Permanent {
  return new Permanent('SPEC_NOT_OPENAPI', message);
}
