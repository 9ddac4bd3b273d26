import { describe, expect, it } from '@jest/globals';
import { Warnings } from '../warning.js';
import { detectDialect } from './version.js';

describe('detectDialect', () => {
  const known: [root: Record<string, unknown>, dialect: string, isRepaired: boolean][] = [
    [{ swagger: '2.0' }, 'swagger', false],
    [{ openapi: '3.0.3' }, '3.0', false],
    [{ openapi: '3.1.0' }, '3.1', false],
    [{ openapi: '3.2.0' }, '3.1', false],
    [{ openapi: 'v3.0' }, '3.0', true],
    [{ openapi: '3.0.x' }, '3.0', true],
    [{ openapi: 3 }, '3.0', true],
    [{ swagger: 2 }, 'swagger', true],
    [{ openapi: 3.1 }, '3.1', true],
    [{ swagger: '3.0.0' }, '3.0', true],
    [{ openapi: '2.0' }, 'swagger', true],
    [{ swagger: '2' }, 'swagger', true],
    [{ openapi: '3.7.1' }, '3.1', true],
    [{ OpenAPI: '3.0.0' }, '3.0', true],
    [{ paths: {}, definitions: {} }, 'swagger', true],
    [{ paths: {}, components: {} }, '3.0', true],
    [{ paths: { '/a': { get: { responses: { 200: { schema: {} } } } } } }, 'swagger', true],
    [{ paths: { '/a': { get: { responses: {} } } } }, '3.0', true],
    [{ openapi: null, webhooks: {} }, '3.1', true],
    [{ openapi: '1.0.0', paths: {}, servers: [] }, '3.0', true],
  ];
  it.each(known)('reads %j as %s', (root, dialect, isRepaired) => {
    const warnings = new Warnings();
    expect(detectDialect(root, warnings)).toBe(dialect);
    expect(warnings.list.length).toBe(isRepaired ? 1 : 0);
  });

  const NEITHER = 'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got';
  const refused: [root: Record<string, unknown>, sentence: string][] = [
    [{ foo: 1, bar: 2 }, `${NEITHER} an object with \`foo\`, \`bar\`.`],
    [{}, `${NEITHER} an empty object.`],
    [{ swaggerVersion: '1.2', apis: [], paths: {} }, `${NEITHER} Swagger 1.2, which has to be converted to 2.0 first.`],
    [{ swagger: '1.1', apis: [] }, `${NEITHER} Swagger 1.1, which has to be converted to 2.0 first.`],
    [{ asyncapi: '2.0.0', channels: {} }, `${NEITHER} an AsyncAPI document.`],
    [{ info: { _postman_id: 'x' }, item: [] }, `${NEITHER} a Postman collection.`],
    [{ log: { entries: [] } }, `${NEITHER} an HTTP archive (HAR).`],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }, `${NEITHER} a JSON Schema.`],
    [{ apiVersion: 'v1', kind: 'Service' }, `${NEITHER} a Kubernetes manifest.`],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, `${NEITHER} an object with \`a\`, \`b\`, \`c\`, \`d\` and 2 more.`],
    [{ openapi: '4.0.0' }, 'Expected OpenAPI 2.0, 3.0, 3.1 or 3.2 at /openapi, got "4.0.0".'],
    [{ swagger: '1.2' }, 'Expected OpenAPI 2.0, 3.0, 3.1 or 3.2 at /swagger, got "1.2".'],
    [{ openapi: { a: 1 } }, 'Expected a version such as "3.0.3" at /openapi, got an object with `a`.'],
    [{ openapi: null }, 'Expected a version such as "3.0.3" at /openapi, got null.'],
  ];
  it.each(refused)('refuses %j', (root, sentence) => {
    expect(() => detectDialect(root, new Warnings())).toThrow(sentence);
  });
});
