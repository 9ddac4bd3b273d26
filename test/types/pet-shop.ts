/** A document with one of everything that the types of a client tell apart. */

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const answer = (content: object, more: object = {}) => ({ description: 'An answer.', content, ...more });
const id = { name: 'id', in: 'path', required: true, description: 'As the shop has it.', schema: { type: 'integer' } };

export const PET_SHOP = {
  openapi: '3.1.0',
  info: { title: 'Pet shop', version: 'v1.4' },
  servers: [{ url: 'https://pets.example.com' }],
  components: {
    securitySchemes: {
      shopKey: { type: 'apiKey', in: 'header', name: 'X-Shop-Key' },
      login: { type: 'http', scheme: 'basic' },
      'shop:oauth': {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://pets.example.com/token', scopes: {} } },
      },
      certificate: { type: 'mutualTLS' },
    },
    schemas: {
      Pet: {
        type: 'object',
        required: ['id', 'name', 'kind'],
        properties: {
          id: { type: 'integer', readOnly: true, description: 'Given by the shop.' },
          name: { type: 'string', description: 'What it is called.' },
          kind: { type: 'string', enum: ['cat', 'dog'] },
          born: { type: 'string', format: 'date' },
          tag: { type: ['string', 'null'] },
          age: { type: 'integer', deprecated: true, description: 'Changes every year.' },
          friends: { type: 'array', items: ref('Pet') },
          notes: { type: 'object' },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      Order: {
        type: 'object',
        required: ['pet', 'secret', 'number'],
        properties: {
          number: { type: 'string', readOnly: true },
          pet: ref('Pet'),
          secret: { type: 'string', writeOnly: true, description: 'Never shown.' },
        },
      },
      Fault: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
      Gone: { type: 'object', required: ['since'], properties: { since: { type: 'string', format: 'date-time' } } },
    },
  },
  paths: {
    '/pets': {
      get: {
        operationId: 'listPets',
        summary: 'List the pets',
        description: 'All that are for sale.',
        security: [{ shopKey: [] }],
        parameters: [
          { name: 'limit', in: 'query', description: 'How many at most.', schema: { type: 'integer' } },
          { name: 'kinds', in: 'query', schema: { type: 'array', items: { type: 'string', enum: ['cat', 'dog'] } } },
          { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
        ],
        responses: {
          200: answer(
            { ...json({ type: 'array', items: ref('Pet') }), 'text/csv': { schema: { type: 'string' } } },
            {
              headers: {
                'X-Total': { required: true, schema: { type: 'integer' } },
                'X-Next': { schema: { type: 'string' } },
              },
            },
          ),
          default: answer(json(ref('Fault'))),
        },
      },
      post: {
        operationId: 'addPet',
        summary: 'Add a pet',
        deprecated: true,
        requestBody: { required: true, description: 'The new one.', content: json(ref('Pet')) },
        responses: { 201: answer(json(ref('Pet'))), 422: answer(json(ref('Fault'))) },
      },
    },
    '/pets/{id}': {
      get: {
        summary: 'One pet',
        parameters: [id],
        responses: {
          200: answer(json(ref('Pet'))),
          404: answer(json(ref('Gone'))),
          '4XX': answer(json(ref('Fault'))),
          default: answer({ 'text/plain': { schema: { type: 'string' } } }),
        },
      },
      delete: {
        operationId: 'sellPet',
        parameters: [id, { name: 'session', in: 'cookie', required: true, schema: { type: 'string' } }],
        requestBody: { content: { 'text/plain': { schema: { type: 'string' } } } },
        responses: { 204: { description: 'Sold.' } },
      },
    },
    '/pets/{id}/photo': {
      get: {
        operationId: 'photo',
        parameters: [id],
        responses: { 200: answer({ 'image/png': { schema: { type: 'string', format: 'binary' } } }) },
      },
      put: {
        operationId: 'setPhoto',
        parameters: [id],
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: {
                  file: { type: 'string', format: 'binary' },
                  more: { type: 'array', items: { type: 'string', format: 'binary' } },
                  order: { type: 'integer' },
                },
              },
            },
            'image/*': { schema: { type: 'string', format: 'binary' } },
          },
        },
        responses: { 204: { description: 'Kept.' } },
      },
    },
    '/orders': {
      post: {
        operationId: 'order',
        requestBody: { content: { ...json(ref('Order')), 'application/xml': { schema: ref('Order') } } },
        responses: { '2XX': answer(json(ref('Order'))) },
      },
    },
  },
};
