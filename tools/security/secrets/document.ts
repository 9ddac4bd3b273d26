import type { Marks } from './marks.js';

/** The ways in which calls go well or wrong. */
export const WAYS = [
  ...['echo', 'reset', 'silent', 'garbage', 'redirect', 'userinfo', 'large', 'endless', 'status/401', 'status/500'],
  ...['invalid', 'cut', 'drift', 'type'],
];
/** How token endpoints do. */
export const TOKENS = ['refusing', 'invalid', 'redirecting'];

const TEXT = { type: 'string' };
const CONTENT = {
  'application/json': { schema: { type: 'object' } },
  'text/plain': { schema: TEXT },
  'application/x-www-form-urlencoded': { schema: { type: 'object', additionalProperties: TEXT } },
  'multipart/form-data': { schema: { type: 'object', additionalProperties: TEXT } },
  'application/octet-stream': {},
};
const PARAMETERS = [
  ...(['query', 'header', 'cookie'] as const).map((place) => ({ name: `x-${place}`, in: place, schema: TEXT })),
  { name: 'id', in: 'path', required: true, schema: TEXT },
];
/** What answers never are. */
const DECLARED = {
  description: 'OK',
  headers: { 'x-own': { schema: { type: 'integer' } } },
  content: { 'application/json': { schema: { type: 'object', additionalProperties: { type: 'integer' } } } },
};

/** Every way to give an operation something, and every scheme to prove oneself by. */
export function leakyDocument(address: string, marks: Marks): string {
  const userinfo = `user:${marks.plant("userinfo in a document's server", 'document')}@`;
  const security = [{ key: [], basic: [], bearer: [], oauth: [] }, {}];
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Leaky', version: '1' },
    servers: [{ url: address.replace('http://', `http://${userinfo}`) }],
    security,
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'query', name: 'api_key' },
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        oauth: oauth(`${address}/token`),
        ...Object.fromEntries(TOKENS.map((how) => [how, oauth(`${address}/token/${how}`)])),
      },
    },
    paths: {
      ...Object.fromEntries(WAYS.map((way) => [`/${way}/{id}`, { get: got(way), post: posted(way) }])),
      ...Object.fromEntries(
        TOKENS.map((how) => [`/tokens/${how}`, { get: { security: [{ [how]: [] }], responses: {} } }]),
      ),
      '/typed/{id}': { post: typed() },
      '/strict/{id}': { post: strict() },
      '/held/{id}': { post: posted('held') },
    },
  });
}

function oauth(tokenUrl: string) {
  return { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: {} } } };
}

function got(way: string) {
  return {
    operationId: `get-${way.replace('/', '')}`,
    parameters: PARAMETERS,
    responses: { 200: { description: 'OK' } },
  };
}

function posted(way: string) {
  const responses = { 200: way === 'drift' || way === 'type' ? DECLARED : { description: 'OK' } };
  return { operationId: way.replace('/', ''), parameters: PARAMETERS, requestBody: { content: CONTENT }, responses };
}

/** What takes numbers, and is given texts. */
function typed() {
  const number = { type: 'integer' };
  const parameters = (['query', 'header', 'cookie', 'path'] as const).map((place) => ({
    ...{ name: place === 'path' ? 'id' : `x-${place}`, in: place, required: place === 'path', schema: number },
  }));
  const properties = { count: number, password: number, nested: { type: 'object', additionalProperties: number } };
  return {
    operationId: 'typed',
    parameters,
    requestBody: { content: { 'application/json': { schema: { type: 'object', properties } } } },
    responses: { 200: { description: 'OK' } },
  };
}

const INTEGER = { type: 'integer' };
/** What a text may have to be, by the name of a field. */
const RULES = {
  count: INTEGER,
  mode: { enum: ['a', 'b'] },
  code: { type: 'string', pattern: '^[A-F]+$' },
  short: { type: 'string', maxLength: 3 },
  at: { type: 'string', format: 'date-time' },
  kind: { const: 'x' },
  list: { type: 'array', items: INTEGER },
};

/** What has rules for all that it takes, names included. */
function strict() {
  const query = Object.entries(RULES).map(([name, schema]) => ({ name, in: 'query', schema }));
  const filter = { name: 'filter', in: 'query', style: 'deepObject', schema: { properties: { age: INTEGER } } };
  const json = { name: 'json', in: 'query', content: { 'application/json': { schema: INTEGER } } };
  const others = [
    { name: 'id', in: 'path', required: true, schema: INTEGER },
    ...(['header', 'cookie'] as const).map((place) => ({ name: `x-${place}`, in: place, schema: RULES.mode })),
  ];
  const properties = {
    ...RULES,
    pin: { type: 'integer', maximum: 9999 },
    either: { oneOf: [INTEGER, { type: 'boolean' }] },
    never: { not: TEXT },
    map: { type: 'object', additionalProperties: INTEGER },
    maps: { type: 'object', additionalProperties: { type: 'object', properties: { size: INTEGER } } },
    patterned: { type: 'object', patternProperties: { '^x-': INTEGER }, additionalProperties: false },
    names: { type: 'object', propertyNames: { maxLength: 3 } },
    evaluated: { properties: { a: INTEGER }, unevaluatedProperties: false },
    files: { type: 'array', items: {} },
  };
  const form = { schema: { properties: { ...RULES, bytes: { type: 'string', format: 'binary' } } } };
  return {
    operationId: 'strict',
    parameters: [...others, ...query, filter, json],
    requestBody: {
      content: {
        'application/json': { schema: { type: 'object', properties, additionalProperties: false } },
        'application/x-www-form-urlencoded': form,
        'multipart/form-data': form,
        'text/plain': { schema: RULES.short },
        'application/octet-stream': {},
      },
    },
    responses: { 200: { description: 'OK' } },
  };
}
