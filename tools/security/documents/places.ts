import { richDocuments } from '../../../libs/testing/documents/index.js';

type Json = Record<string, unknown>;
/** Puts texts into one place of a document, all of them. */
export type Place = (texts: readonly string[], server: string) => Json;

const OK = { 200: { description: 'OK' } };
const TEXT = { type: 'string' };
const answer = (schema: unknown, media = 'application/json'): Json => ({
  200: { description: 'OK', content: { [media]: { schema } } },
});

/** An operation for each text. */
const operations =
  (make: (text: string, index: number) => Json, root: Json = {}): Place =>
  (texts, server) => ({
    ...frame(server),
    ...root,
    paths: Object.fromEntries(
      texts.map((text, index) => [`/p${index}`, { get: { responses: OK, ...make(text, index) } }]),
    ),
  });
/** A schema for each text, and an operation that answers with it. */
const schemas =
  (make: (text: string, index: number) => unknown): Place =>
  (texts, server) => ({
    ...operations((_, index) => ({ responses: answer({ $ref: `#/components/schemas/S${index}` }) }))(texts, server),
    components: { schemas: Object.fromEntries(texts.map((text, index) => [`S${index}`, make(text, index)])) },
  });
const parameters = (make: (text: string) => Json): Place => operations((text) => ({ parameters: [make(text)] }));
/** Whole of the document, with a map that has a key for each text. */
const keyed =
  (make: (entries: Json) => Json, value: (text: string) => unknown): Place =>
  (texts, server) => ({ ...frame(server), ...make(Object.fromEntries(texts.map((text) => [text, value(text)]))) });

function frame(server: string): Json {
  return {
    openapi: '3.1.0',
    info: { title: 'Hostile', version: '1' },
    servers: [{ url: server }],
    paths: { '/a': { get: { operationId: 'first', responses: OK } } },
  };
}

/** Where a document of 3.1 has text that somebody chose. */
export const PLACES: Readonly<Record<string, Place>> = {
  title: (texts, server) => ({ ...frame(server), info: { title: texts.join(' '), version: '1' } }),
  version: (texts, server) => ({ ...frame(server), info: { title: 'x', version: texts.join(' ') } }),
  'description of the document': (texts, server) => ({
    ...frame(server),
    info: { title: 'x', version: '1', description: texts.join('\n'), summary: texts.join(' ') },
  }),
  'contact and licence': (texts, server) => ({
    ...frame(server),
    info: {
      title: 'x',
      version: '1',
      contact: { name: texts[0], url: texts.join('') },
      license: { name: texts.join(' ') },
    },
  }),
  'openapi version': (texts, server) => ({ ...frame(server), openapi: `3.1.0${texts.join('')}` }),
  paths: (texts, server) => ({
    ...frame(server),
    paths: Object.fromEntries(texts.map((text) => [`/${text}`, { get: { responses: OK } }])),
  }),
  'paths without a slash': keyed(
    (paths) => ({ paths }),
    () => ({ get: { responses: OK } }),
  ),
  'path templates': (texts, server) => ({
    ...frame(server),
    paths: Object.fromEntries(
      texts.map((text) => [
        `/a/{${text}}`,
        { get: { parameters: [{ name: text, in: 'path', required: true, schema: TEXT }], responses: OK } },
      ]),
    ),
  }),
  methods: keyed(
    (methods) => ({ paths: { '/a': { get: { responses: OK }, ...methods } } }),
    () => ({ responses: OK }),
  ),
  'operation ids': operations((text) => ({ operationId: text })),
  'operation summaries': operations((text) => ({ summary: text })),
  'operation descriptions': operations((text) => ({ description: text, externalDocs: { url: text } })),
  'tags of operations': operations((text) => ({ tags: [text] })),
  tags: (texts, server) => ({ ...frame(server), tags: texts.map((text) => ({ name: text, description: text })) }),
  'query parameters': parameters((text) => ({ name: text, in: 'query', schema: TEXT })),
  'header parameters': parameters((text) => ({ name: text, in: 'header', schema: TEXT })),
  'cookie parameters': parameters((text) => ({ name: text, in: 'cookie', schema: TEXT })),
  'parameter descriptions': parameters((text) => ({ name: 'q', in: 'query', description: text, schema: TEXT })),
  'parameter examples': parameters((text) => ({ name: 'q', in: 'query', example: text, schema: TEXT })),
  'required parameters with examples': parameters((text) => ({
    name: text,
    in: 'query',
    required: true,
    example: { [text]: [text] },
    schema: {},
  })),
  'parameter defaults': parameters((text) => ({
    name: 'q',
    in: 'query',
    required: true,
    schema: { ...TEXT, default: text },
  })),
  'parameter styles': parameters((text) => ({
    name: 'q',
    in: 'query',
    style: text,
    explode: text,
    schema: { type: 'array' },
  })),
  'parameter locations': parameters((text) => ({ name: 'q', in: text, schema: TEXT })),
  'component parameters': keyed(
    (named) => ({ components: { parameters: named } }),
    (text) => ({ name: text, in: 'query', schema: TEXT }),
  ),
  'media types of bodies': operations((text) => ({
    requestBody: { content: { [text]: { schema: { type: 'object' } } } },
  })),
  'media types of answers': operations((text) => ({ responses: answer({ type: 'object' }, text) })),
  'body examples': operations((text) => ({
    requestBody: {
      required: true,
      content: { 'application/json': { schema: {}, example: { [text]: [text, { a: text }] } } },
    },
  })),
  'body descriptions': operations((text) => ({
    requestBody: {
      description: text,
      content: { 'application/json': { schema: TEXT, examples: { [text]: { value: text } } } },
    },
  })),
  'form fields': operations((text) => ({
    requestBody: {
      content: {
        'multipart/form-data': {
          schema: { type: 'object', properties: { [text]: TEXT } },
          encoding: { [text]: { contentType: text } },
        },
      },
    },
  })),
  'answer statuses': operations((text) => ({ responses: { [text]: { description: 'x' }, ...OK } })),
  'answer descriptions': operations((text) => ({ responses: { 200: { description: text } } })),
  'answer headers': operations((text) => ({
    responses: { 200: { description: 'x', headers: { [text]: { schema: TEXT } } } },
  })),
  links: operations((text) => ({
    responses: { 200: { description: 'x', links: { [text]: { operationId: text, parameters: { [text]: text } } } } },
  })),
  callbacks: operations((text) => ({ callbacks: { [text]: { [text]: { post: { responses: OK } } } } })),
  webhooks: keyed(
    (webhooks) => ({ webhooks }),
    () => ({ post: { responses: OK } }),
  ),
  'schema names': (texts, server) => ({
    ...operations((text) => ({
      responses: answer({
        $ref: `#/components/schemas/${encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))
          .replaceAll('~', '~0')
          .replaceAll('%2F', '~1')}`,
      }),
    }))(texts, server),
    components: {
      schemas: Object.fromEntries(
        texts.map((text) => [text.replace(/[\ud800-\udfff]/g, ''), { type: 'object', properties: { a: TEXT } }]),
      ),
    },
  }),
  'schema titles': schemas((text) => ({ title: text, type: 'object' })),
  'schema descriptions': schemas((text) => ({ description: text, properties: { a: { description: text } } })),
  'schema types': schemas((text) => ({ type: text, anyOf: [{ type: [text, 'null'] }] })),
  'schema formats': schemas((text) => ({ type: 'string', format: text, contentMediaType: text })),
  'schema patterns': schemas((text) => ({ type: 'string', pattern: text, patternProperties: { [text]: TEXT } })),
  'property names': schemas((text) => ({ type: 'object', properties: { [text]: TEXT }, required: [text] })),
  'required names alone': schemas((text) => ({
    type: 'object',
    required: [text],
    dependentRequired: { [text]: [text] },
  })),
  enums: schemas((text) => ({ enum: [text, { [text]: text }, [text]] })),
  'enum names': schemas((text) => ({ type: 'integer', enum: [1], 'x-enum-varnames': [text], 'x-enumNames': [text] })),
  constants: schemas((text) => ({ const: text })),
  defaults: schemas((text) => ({ properties: { a: { type: 'string', default: text } }, default: { [text]: text } })),
  examples: schemas((text) => ({ type: 'object', example: { [text]: text }, examples: [text, { [text]: [text] }] })),
  discriminators: schemas((text) => ({
    oneOf: [{ $ref: '#/components/schemas/S0' }],
    discriminator: { propertyName: text, mapping: { [text]: text, a: `#/components/schemas/${text}` } },
  })),
  'references that lead nowhere': schemas((text) => ({
    $ref: text,
    allOf: [{ $ref: `#/${text}` }, { $dynamicRef: text }],
  })),
  'xml names': schemas((text) => ({
    type: 'object',
    xml: { name: text, prefix: text, namespace: text },
    properties: { a: TEXT },
  })),
  'own definitions': schemas((text) => ({ $defs: { [text]: TEXT }, $anchor: text, $id: text, $comment: text })),
  servers: (texts, server) => ({
    ...frame(server),
    servers: [{ url: server }, ...texts.map((text) => ({ url: text, description: text }))],
  }),
  'servers after the scheme': (texts, server) => ({
    ...frame(server),
    servers: [{ url: server }, ...texts.map((text) => ({ url: `https://api.example.com/${text}` }))],
  }),
  'server variables': (texts, server) => ({
    ...frame(server),
    servers: texts.map((text) => ({
      url: `${server}/{${text}}`,
      variables: { [text]: { default: text, enum: [text], description: text } },
    })),
  }),
  'servers of operations': operations((text) => ({ servers: [{ url: `/${text}` }] })),
  'security schemes': keyed(
    (securitySchemes) => ({ components: { securitySchemes } }),
    (text) => ({ type: 'apiKey', in: 'header', name: text, description: text }),
  ),
  'security scheme types': keyed(
    (securitySchemes) => ({ components: { securitySchemes } }),
    (text) => ({ type: 'http', scheme: text, bearerFormat: text }),
  ),
  'token addresses': keyed(
    (securitySchemes) => ({ components: { securitySchemes } }),
    (text) => ({ type: 'oauth2', flows: { clientCredentials: { tokenUrl: text, scopes: { [text]: text } } } }),
  ),
  'security requirements': operations((text) => ({ security: [{ [text]: [text] }] })),
  'extension values': (texts, server) => ({
    ...frame(server),
    'x-a': texts,
    'x-b': Object.fromEntries(texts.map((text) => [text, text])),
  }),
  'extension names': keyed(
    (entries) => entries,
    (text) => text,
  ),
};

/** Every text and name of each rich document, 2.0 included, that a text can stand for without making the document another. */
export function everywhere(text: string): readonly (readonly [version: string, document: unknown])[] {
  return Object.entries(richDocuments()).map(([version, document]) => [version, salted(document, text)] as const);
}

/** Names by which parts of a document are known to readers stay. */
const KEPT = new Set([
  'openapi',
  'swagger',
  '$ref',
  'in',
  'type',
  'style',
  'collectionFormat',
  'flow',
  'jsonSchemaDialect',
  '$self',
]);

function salted(value: unknown, text: string, key = ''): unknown {
  if (typeof value === 'string') return KEPT.has(key) ? value : `${value}${text}`;
  if (Array.isArray(value)) return value.map((item) => salted(item, text, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, salted(item, text, name)]));
}
