import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The answer of the contract's example, escapes and all: what comes back must be these very bytes. */
export const CHANNELS =
  '[{"r":2312517590,"value":"UCvJiYiBUbw4tmpRSZT2r1Hw","label":"Science Channel","thumbnailurl":"http:\\/\\/yt3.googleusercontent.com\\/XiCSg","subcount":5140000}]';

/** The default headers of the contract's example; the key is none. */
export const HEADERS = {
  'x-rapidapi-host': 'filmot-tube-metadata-archive.p.rapidapi.com',
  'x-rapidapi-key': 'THEi6IKsE3mshLA9rbwj6DMQLAI1p1BHU0qjsn1xqbzwX5ArMB',
};

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A service like the contract's example: two endpoints that search, and a log of what reached it. */
export interface Filmot {
  readonly address: string;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

export async function startFilmot(): Promise<Filmot> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers });
    answer(url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(url: string, response: ServerResponse): void {
  if (url.startsWith('/getsearchchannels')) {
    response.setHeader('content-type', 'application/json; charset=UTF-8').end(CHANNELS);
  } else if (url.startsWith('/getsearchsubtitles?query=nothing')) {
    response.writeHead(418, { 'content-type': 'application/json' }).end('{"reason":"nothing to find"}');
  } else if (url.startsWith('/getsearchsubtitles?query=untyped')) {
    response.end('bytes');
  } else {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ url, result: [] }));
  }
}

/** The service's document, in YAML as the contract has it. */
export function filmotDocument(server: string, title = 'Filmot'): string {
  const query = (name: string, type: string, required: boolean) =>
    `        - { name: ${name}, in: query, required: ${required}, schema: { type: ${type} } }`;
  return [
    'openapi: 3.0.3',
    `info: { title: ${title}, version: 1.0.0 }`,
    `servers: [{ url: '${server}' }]`,
    'paths:',
    '  /getsearchchannels:',
    '    get:',
    '      parameters:',
    '        - { name: x-rapidapi-key, in: header, required: true, schema: { type: string } }',
    '        - { name: x-rapidapi-host, in: header, required: true, schema: { type: string } }',
    query('term', 'string', true),
    '      responses: { "200": { description: OK } }',
    '  /getsearchsubtitles:',
    '    get:',
    '      parameters:',
    '        - { name: x-rapidapi-key, in: header, required: true, schema: { type: string } }',
    '        - { name: x-rapidapi-host, in: header, required: true, schema: { type: string } }',
    query('query', 'string', true),
    query('channel', 'string', false),
    '      responses: { "200": { description: OK } }',
    '',
  ].join('\n');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
