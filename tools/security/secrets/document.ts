export const WAYS = ['echo', 'reset', 'silent', 'garbage', 'redirect', 'large', 'status/401', 'status/500'];

/** Every way to give an operation something, and every scheme to prove oneself by. @param plant as that of `Marks`. */
export function leakyDocument(address: string, plant: (place: string) => string): string {
  const text = { type: 'string' };
  const parameters = (['query', 'header', 'cookie'] as const).map((place) => ({
    ...{ name: `x-${place}`, in: place, schema: text },
  }));
  const content = {
    'application/json': { schema: { type: 'object' } },
    'text/plain': { schema: text },
    'application/x-www-form-urlencoded': { schema: { type: 'object', additionalProperties: text } },
    'multipart/form-data': { schema: { type: 'object', additionalProperties: text } },
  };
  const paths = Object.fromEntries(
    WAYS.map((way) => [
      `/${way}/{id}`,
      {
        post: {
          operationId: way.replace('/', ''),
          parameters: [...parameters, { name: 'id', in: 'path', required: true, schema: text }],
          requestBody: { content },
          responses: { 200: { description: 'OK' } },
        },
      },
    ]),
  );
  const flow = { clientCredentials: { tokenUrl: `${address}/token`, scopes: {} } };
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Leaky', version: '1' },
    servers: [{ url: address.replace('http://', `http://user:${plant("userinfo in a document's server")}@`) }],
    security: [{ key: [], basic: [], bearer: [], oauth: [] }, {}],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'query', name: 'api_key' },
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        oauth: { type: 'oauth2', flows: flow },
      },
    },
    paths,
  });
}
