import { describe, expect, it } from '@jest/globals';
import { Place } from '../place.js';
import { Warnings } from '../warning.js';
import { References, type Kind } from './references.js';

const ROOT = {
  components: {
    schemas: {
      Pet: { type: 'object', properties: { tag: { type: 'string' } }, allOf: [{ title: 'part' }] },
      'A/B~C 100%': { type: 'string' },
      Alias: { $ref: '#/components/schemas/Pet' },
      Loop: { $ref: '#/components/schemas/Loop2' },
      Loop2: { $ref: '#/components/schemas/Loop' },
    },
    parameters: { limit: { name: 'limit', in: 'query' } },
  },
  paths: {
    '/a': { get: { responses: { 200: { content: { 'application/json': { schema: { type: 'integer' } } } } } } },
  },
};

function references() {
  const root = structuredClone(ROOT);
  const warnings = new Warnings();
  return { root, warnings, references: new References(root, '3.0', warnings) };
}

describe('References.settle', () => {
  const cases: [kind: Kind, ref: string, want: string | null, code: string | null][] = [
    ['schema', '#/components/schemas/Pet', '#/components/schemas/Pet', null],
    ['parameter', '#/components/parameters/limit', '#/components/parameters/limit', null],
    ['schema', '#/components/schemas/A~1B~0C 100%', '#/components/schemas/A~1B~0C 100%', null],
    ['schema', '#/components/schemas/A~1B~0C%20100%25', '#/components/schemas/A~1B~0C 100%', null],
    ['schema', '#/definitions/Pet', '#/components/schemas/Pet', 'reference-deep'],
    ['schema', 'Pet', '#/components/schemas/Pet', 'reference-deep'],
    ['schema', 'openapi.json#/components/schemas/Pet', '#/components/schemas/Pet', 'reference-deep'],
    ['schema', '#/components/schemas/Pet/properties/tag', '#/components/schemas/Pet_tag', 'reference-deep'],
    ['schema', '#/components/schemas/Alias/properties/tag', '#/components/schemas/Alias_tag', 'reference-deep'],
    ['schema', '#/components/schemas/Pet/allOf/0', '#/components/schemas/Pet_allOf_0', 'reference-deep'],
    [
      'schema',
      '#/paths/~1a/get/responses/200/content/application~1json/schema',
      '#/components/schemas/a_get_responses_200_application_json',
      'reference-deep',
    ],
    ['schema', '#/components/schemas/Missing', null, 'reference-broken'],
    ['schema', '#', null, 'reference-broken'],
    ['schema', '', null, 'reference-external'],
    ['schema', '#/components/schemas/constructor', null, 'reference-broken'],
    ['parameter', '#/components/schemas/Pet', null, 'reference-broken'],
    ['schema', 'file:///etc/passwd', null, 'reference-external'],
    ['schema', 'http://169.254.169.254/latest/meta-data', null, 'reference-external'],
    ['schema', '../other.yaml#/Thing', null, 'reference-external'],
  ];
  it.each(cases)('a %s reference %s becomes %s', (kind, ref, want, code) => {
    const { references: refs, warnings } = references();
    expect(refs.settle(kind, ref, Place.root)).toBe(want);
    expect(warnings.list.map((warning) => warning.code)).toEqual(code === null ? [] : [code]);
    if (want !== null) expect(refs.resolve({ $ref: want })).toBeDefined();
  });

  it('gives one target one name', () => {
    const { references: refs, root } = references();
    const ref = '#/components/schemas/Pet/properties/tag';
    expect(refs.settle('schema', ref, Place.root)).toBe(refs.settle('schema', ref, Place.root));
    expect(Object.keys(root.components.schemas)).toHaveLength(Object.keys(ROOT.components.schemas).length + 1);
  });

  it('copies no more than it may, however many references there are', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`p${index}`, { type: 'string' }]),
    );
    const root = { components: { schemas: { A: { properties } } } };
    const refs = new References(root, '3.0', new Warnings());
    for (let index = 0; index < 2_000; index += 1)
      refs.settle('schema', `#/components/schemas/A/properties#${index}`, Place.root);
    for (let index = 0; index < 2_000; index += 1)
      refs.settle('schema', `#/components${'?'.repeat(index)}`, Place.root);
    expect(JSON.stringify(root).length).toBeLessThan(50_000_000);
  });
});

describe('References.resolve', () => {
  it('follows names that stand for others', () => {
    expect(references().references.resolve({ $ref: '#/components/schemas/Alias' })).toMatchObject({ type: 'object' });
  });

  it('ends where names stand for each other', () => {
    expect(references().references.resolve({ $ref: '#/components/schemas/Loop' })).toBeUndefined();
  });

  it('gives back what is no reference', () => {
    expect(references().references.resolve({ type: 'string' })).toEqual({ type: 'string' });
  });
});
