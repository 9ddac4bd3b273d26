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
