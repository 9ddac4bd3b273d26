import { describe, expect, it } from '@jest/globals';
import { compileDocument, toTable } from '../compile.js';

const FILMOT = `
openapi: 3.0.3
info: {title: Filmot, version: 1.0.0}
servers: [{url: "https://filmot-tube-metadata-archive.p.rapidapi.com"}]
paths:
  /getsearchchannels:
    get:
      parameters:
        - {name: term, in: query, required: true, schema: {type: string}}
        - {name: x-rapidapi-key, in: header, schema: {type: string}}
      responses: {}
  /getsearchsubtitles:
    get:
      parameters:
        - {name: query, in: query, required: true, schema: {type: string}}
        - {name: channel, in: query, schema: {type: string}}
        - {name: X-RapidAPI-Key, in: header, schema: {type: string}}
        - {name: x-rapidapi-host, in: header, schema: {type: string}}
      responses: {}
`;

async function summaryOf(text: string) {
  return toTable(await compileDocument(Buffer.from(text))).summary;
}

describe('summarise', () => {
  it('is word for word what the REST contract shows', async () => {
    expect(JSON.stringify(await summaryOf(FILMOT))).toBe(
      JSON.stringify({
        endpoints: {
          'GET /getsearchchannels': [
            { default: null, enum: null, name: 'term', in: 'query', type: 'string', required: true },
          ],
          'GET /getsearchsubtitles': [
            { default: null, enum: null, name: 'query', in: 'query', type: 'string', required: true },
            { default: null, enum: null, name: 'channel', in: 'query', type: 'string', required: false },
          ],
        },
        headers: ['x-rapidapi-key', 'x-rapidapi-host'],
        servers: ['https://filmot-tube-metadata-archive.p.rapidapi.com'],
        url: 'https://filmot-tube-metadata-archive.p.rapidapi.com',
      }),
    );
  });

  it('names the headers of security schemes, each once', async () => {
    const schemes = {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      query: { type: 'apiKey', in: 'query', name: 'key' },
      basic: { type: 'http', scheme: 'basic' },
      oauth: { type: 'oauth2', flows: {} },
      tls: { type: 'mutualTLS' },
    };
    const document = { openapi: '3.1.0', paths: {}, components: { securitySchemes: schemes } };
    expect((await summaryOf(JSON.stringify(document))).headers).toEqual(['X-Key', 'Authorization']);
  });

  it('fills in the defaults of server variables, and keeps those without one', async () => {
    const servers = [
      { url: 'https://{a}.{b}/{constructor}', variables: { a: { default: 'eu' }, b: { enum: ['x.com'] } } },
      { url: '/relative' },
    ];
    const summary = await summaryOf(JSON.stringify({ openapi: '3.0.0', paths: {}, servers }));
    expect(summary.servers).toEqual(['https://eu.x.com/{constructor}', '/relative']);
    expect(summary.url).toBe('https://eu.x.com/{constructor}');
  });

  it('has no url where the document has no server', async () => {
    expect(
      await summaryOf(
        'openapi: 3.0.3\ninfo:\n  title: API\n  version: 1.0.0\n  contact: {}\nservers: []\npaths: {}\ntags: []\n',
      ),
    ).toEqual({
      endpoints: {},
      headers: [],
      servers: [],
      url: null,
    });
  });
});
