/** Small documents that use every part of their version, to be broken part by part. */

type Document = Record<string, unknown>;

const PET = {
  type: 'object',
  description: 'A pet.',
  required: ['id', 'kind'],
  discriminator: { propertyName: 'kind', mapping: { cat: '#/components/schemas/Cat' } },
  properties: {
    id: { type: 'integer', format: 'int64', minimum: 1, example: 7 },
    kind: { type: 'string', enum: ['cat', 'dog'], default: 'cat' },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$', maxLength: 9 }, uniqueItems: true },
    parent: { $ref: '#/components/schemas/Pet' },
    more: { type: 'object', additionalProperties: { type: 'number', nullable: true } },
  },
};
const SCHEMAS = {
  Pet: PET,
  Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { type: 'object', properties: { lives: { type: 'number' } } }] },
  Any: { oneOf: [{ $ref: '#/components/schemas/Cat' }, { anyOf: [{ type: 'string' }, { not: { type: 'integer' } }] }] },
};
const json = (schema: unknown): Document => ({ 'application/json': { schema, example: { id: 1 } } });

/** Swagger 2.0. */
function swagger(): Document {
  const array = { type: 'array', items: { type: 'string' } };
  return {
    swagger: '2.0',
    info: { title: 'Pets', version: '1.0', description: 'All of 2.0.', contact: { name: 'x' } },
    host: 'api.example.com',
    basePath: '/v1',
    schemes: ['https', 'http'],
    consumes: ['application/json'],
    produces: ['application/json', 'text/xml'],
    tags: [{ name: 'pets', description: 'x' }],
    security: [{ key: [] }, { oauth: ['read'] }],
    securityDefinitions: {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      basic: { type: 'basic' },
      oauth: {
        type: 'oauth2',
        flow: 'accessCode',
        authorizationUrl: 'https://a/x',
        tokenUrl: 'https://a/t',
        scopes: { read: 'x' },
      },
    },
    parameters: {
      limit: { name: 'limit', in: 'query', type: 'integer', default: 10, maximum: 100 },
      body: { name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } },
    },
    responses: {
      gone: {
        description: 'x',
        schema: { $ref: '#/definitions/Pet' },
        headers: { 'X-A': { ...array, collectionFormat: 'csv' } },
      },
    },
    paths: {
      '/pets/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, type: 'integer', format: 'int64' }],
        get: {
          operationId: 'getPet',
          summary: 'x',
          tags: ['pets'],
          deprecated: true,
          produces: ['application/json'],
          parameters: [
            { $ref: '#/parameters/limit' },
            { name: 'tags', in: 'query', ...array, collectionFormat: 'multi' },
            { name: 'X-B', in: 'header', type: 'string', enum: ['a', 'b'] },
          ],
          responses: {
            200: {
              description: 'x',
              schema: { type: 'array', items: { $ref: '#/definitions/Pet' } },
              examples: { 'application/json': [] },
            },
            404: { $ref: '#/responses/gone' },
          },
        },
        put: {
          consumes: ['text/xml'],
          parameters: [{ $ref: '#/parameters/body' }],
          security: [],
          responses: { 204: { description: 'x' } },
        },
        post: {
          schemes: ['https'],
          consumes: ['multipart/form-data'],
          parameters: [
            { name: 'file', in: 'formData', type: 'file', required: true },
            { name: 'names', in: 'formData', ...array, collectionFormat: 'pipes' },
          ],
          responses: { default: { description: 'x', schema: { type: 'file' } } },
        },
      },
    },
    definitions: {
      Pet: { ...PET, discriminator: 'kind', properties: { ...PET.properties, parent: { $ref: '#/definitions/Pet' } } },
    },
  };
}

/** OpenAPI 3.0, or what 3.1 and 3.2 have in common with it. */
function openapi(version: string): Document {
  const path = { name: 'id', in: 'path', required: true, schema: { type: 'integer' }, style: 'matrix', explode: true };
  const query = {
    name: 'filter',
    in: 'query',
    style: 'deepObject',
    explode: true,
    schema: { $ref: '#/components/schemas/Pet' },
  };
  return {
    openapi: version,
    info: { title: 'Pets', version: '1.0', license: { name: 'x' } },
    servers: [{ url: 'https://{region}.example.com/v1', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } }],
    tags: [{ name: 'pets' }],
    security: [{ key: [] }, { oauth: ['read'], basic: [] }],
    paths: {
      '/pets/{id}': {
        summary: 'x',
        parameters: [path],
        servers: [{ url: '/v2' }],
        get: {
          operationId: 'getPet',
          tags: ['pets'],
          parameters: [
            query,
            { $ref: '#/components/parameters/Limit' },
            { name: 'c', in: 'cookie', content: json({ type: 'object' }) },
          ],
          responses: {
            200: {
              description: 'x',
              headers: { 'X-A': { $ref: '#/components/headers/A' } },
              content: json({ $ref: '#/components/schemas/Any' }),
              links: { self: { $ref: '#/components/links/L' } },
            },
            '4XX': { $ref: '#/components/responses/Gone' },
          },
          security: [{}],
        },
        post: {
          requestBody: {
            required: true,
            content: {
              'multipart/form-data': {
                schema: {
                  type: 'object',
                  properties: { file: { type: 'string', format: 'binary' }, meta: { type: 'object' } },
                  required: ['file'],
                },
                encoding: {
                  meta: { contentType: 'application/json', headers: { 'X-A': { schema: { type: 'string' } } } },
                },
              },
            },
          },
          callbacks: { done: { '{$request.body#/url}': { post: { responses: { 200: { description: 'x' } } } } } },
          responses: { default: { description: 'x' } },
        },
        put: { requestBody: { $ref: '#/components/requestBodies/Pet' }, responses: { 204: { description: 'x' } } },
      },
    },
    components: {
      schemas: SCHEMAS,
      parameters: {
        Limit: {
          name: 'limit',
          in: 'query',
          schema: { type: 'integer', default: 10 },
          examples: { a: { $ref: '#/components/examples/E' } },
        },
      },
      requestBodies: { Pet: { description: 'x', content: json({ $ref: '#/components/schemas/Pet' }) } },
      responses: { Gone: { description: 'x', content: { 'text/plain': { schema: { type: 'string' } } } } },
      headers: { A: { schema: { type: 'array', items: { type: 'string' } } } },
      examples: { E: { value: 5 } },
      links: { L: { operationId: 'getPet', parameters: { id: '$response.body#/id' } } },
      securitySchemes: {
        key: { type: 'apiKey', in: 'query', name: 'key' },
        basic: { type: 'http', scheme: 'basic' },
        oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://a/t', scopes: { read: 'x' } } } },
        oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://a/.well-known/openid-configuration' },
      },
    },
  };
}

function openapi31(version = '3.1.1'): Document {
  const document = openapi(version);
  const later = {
    Later: {
      type: ['object', 'null'],
      $defs: { Inner: { const: 'x' } },
      properties: {
        a: { prefixItems: [{ type: 'string' }], items: false },
        b: { $ref: '#/components/schemas/Later/$defs/Inner' },
        c: { exclusiveMinimum: 1 },
      },
      patternProperties: { '^x': true },
      dependentRequired: { a: ['b'] },
      if: { required: ['a'] },
      then: {},
      unevaluatedProperties: false,
    },
  };
  return {
    ...document,
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    webhooks: { done: { post: { responses: {} } } },
    components: {
      ...(document.components as Document),
      schemas: { ...SCHEMAS, ...later },
      pathItems: { P: { get: { responses: {} } } },
    },
  };
}

function openapi32(): Document {
  const document = openapi31('3.2.0');
  const paths = document.paths as Document;
  const operation = {
    responses: {
      200: {
        description: 'x',
        content: {
          'application/jsonl': { itemSchema: { type: 'object' } },
          'application/json': { $ref: '#/components/mediaTypes/M' },
        },
      },
    },
  };
  return {
    ...document,
    $self: 'https://api.example.com/openapi.json',
    paths: {
      ...paths,
      '/more': {
        query: { ...operation, parameters: [{ name: 'q', in: 'querystring', content: json({ type: 'object' }) }] },
        additionalOperations: {
          COPY: {
            ...operation,
            parameters: [{ name: 'c', in: 'cookie', style: 'cookie', schema: { type: 'string' } }],
          },
        },
      },
    },
    components: {
      ...(document.components as Document),
      mediaTypes: { M: { schema: { $ref: '#/components/schemas/Pet' } } },
    },
  };
}

/** One document of each version, by the version's name. */
export function richDocuments(): Readonly<Record<string, Document>> {
  return { '2.0': swagger(), '3.0': openapi('3.0.4'), '3.1': openapi31(), '3.2': openapi32() };
}
