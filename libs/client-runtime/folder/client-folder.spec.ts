import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import yaml from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationTable } from '#core';
import { typecheck } from '#openapi';
import { startUpstream, tables } from '#testing';
import type { Upstream } from '#testing';
import { exampleFiles } from '../../../tools/example-client.js';
import { clientFiles, clientFolder } from './client-folder.js';
import { metadataYaml } from './metadata.js';
import { runtimeFiles } from './runtime-files.js';
import { literal } from './source-text.js';

const { media, operation, p, table } = tables;

const root = join(import.meta.dirname, '../../..');
const example = join(root, 'generated-clients/example');
const spec = { traceId: '0iNULRtUjwi8DJoz', name: 'filmot', version: 3 };
const NOW = Date.parse('2025-08-26T11:04:22.312Z');

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, 'tools/runtime-bundle.mjs')]);
}, 60_000);

describe('service.metadata.yaml', () => {
  test('has the three lines of the contract', () => {
    const text = metadataYaml({ traceId: '0iNULRtUjwi8DJoz', name: 'filmot', updatedAt: '2025-08-26T11:04:22.312Z' });
    expect(text).toBe('trace_id: 0iNULRtUjwi8DJoz\nname: filmot\nupdated_at: "2025-08-26T11:04:22.312Z"\n');
  });

  test.each([
    'my service',
    'true',
    'No',
    '~',
    '1234567890123456',
    '1e10000000000000',
    '0x12345678901234',
    '12:30:45',
    'a: b',
    'a #b',
    '- a',
    '"quoted"',
    "it's",
    'ü',
    'a\nb: c',
    '\u2028\u0085\u007f',
    '{a}',
    '*a',
    ' a ',
    'NaN',
    '.inf',
    '2025-08-26',
  ])('reads back the name %j', (name) => {
    const text = metadataYaml({ traceId: name, name, updatedAt: '2025-08-26T11:04:22.312Z' });
    expect(text.split('\n')).toHaveLength(4);
    expect(yaml.load(text)).toEqual({ trace_id: name, name, updated_at: '2025-08-26T11:04:22.312Z' });
  });
});

describe('the example', () => {
  let files: Record<string, string>;
  beforeAll(async () => {
    files = await exampleFiles();
  }, 60_000);

  test('is what the generator makes of its own document', async () => {
    const checkedIn = (await readdir(example, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name !== '.gitignore')
      .map((entry) => join(entry.parentPath, entry.name).slice(example.length + 1))
      .filter((path) => !path.startsWith('runtime/'));
    expect(checkedIn.sort()).toEqual(Object.keys(files).sort());
    for (const [path, content] of Object.entries(files)) {
      expect([path, await readFile(join(example, path), 'utf8')]).toEqual([path, content]);
    }
  });

  test('type-checks by itself, the calls of its README too', async () => {
    const folder = await clientFolder({
      spec,
      table: JSON.parse(files['operations.json'] ?? '') as OperationTable,
      yaml: '',
      types: files['types.ts'] ?? '',
      now: NOW,
    });
    const blocks = [...(files['README.md'] ?? '').matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code ?? '');
    expect(blocks).toHaveLength(3);
    const usage = `declare const console: { log(...values: unknown[]): void };\n${blocks.join('\n')}`;
    expect(await typecheck({ ...folder, 'usage.ts': usage.replace("'example-client'", "'./client.js'") })).toBeNull();
  });
});

describe('what a stranger wrote', () => {
  const hostile = [
    '*/ process.exit(1) /*',
    '`${process.exit(1)}`',
    '```\n# heading\n```ts',
    "'; process.exit(1); '",
    '\u2028process.exit(1)\u2029',
    '<script>alert(1)</script>',
    '[link](javascript:alert(1))',
    '\u202Eright to left',
    '"}}\n---\n',
    '__proto__',
    '\\',
    '$(touch /tmp/x)',
  ];
  const operations = hostile.map((text, i) =>
    operation({
      method: 'POST',
      path: `/${i}/${text}`,
      summary: text,
      operationId: text,
      parameters: [p('query', text, { required: true, example: text, description: text })],
      requestBody: { required: true, content: [media('application/json', { example: { [text]: [text] } })] },
    }),
  );
  const title = hostile.join(' ');
  const files = () =>
    clientFiles({
      spec: { traceId: spec.traceId, name: title },
      table: table(operations, {
        title,
        documentVersion: title,
        securitySchemes: { [title]: { type: 'apiKey', in: 'header', name: title } },
      }),
      yaml: 'openapi: 3.0.0\n',
      types: 'export interface paths {}\n',
      now: NOW,
    });

  test('is in no code', () => {
    const plain = clientFiles({ spec, table: table([]), yaml: '', types: '', now: NOW });
    for (const path of ['client.ts', 'client.js', 'bin/client', 'tsconfig.json'])
      expect(files()[path]).toBe(plain[path]);
    expect(JSON.parse(files()['package.json'] ?? '')).toMatchObject({
      name: expect.stringMatching(/^[a-z0-9-]+-client$/),
    });
  });

  test('reads back from operations.json', () => {
    const text = files()['operations.json'] ?? '';
    expect(text).not.toMatch(/[\u2028\u2029\u202e]/);
    expect(JSON.parse(text)).toMatchObject({ operations });
  });

  test('does not leave its place in the README', () => {
    const readme = files()['README.md'] ?? '';
    expect(readme).not.toMatch(/[\u2028\u2029\u202e]/);
    expect(readme).not.toContain('<script>alert(1)</script>\n\n');
    expect(readme).not.toMatch(/^# heading/m);
    expect(readme.match(/^### /gm)).toHaveLength(operations.length);
    const outside = readme.replace(/^(`{3,})\w+\n[^]*?\n\1$/gm, '').replace(/(`+) ?[^]*?[^`] ?\1(?!`)/g, '');
    expect(outside).not.toMatch(/(?<!\\)[<[]/);
  });

  test('is the same value when an example is read as code', () => {
    for (const text of hostile) {
      const value = { [text]: [text, { deep: text }], n: null, b: true };
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
      expect(new Function(`return (${literal(value)})`)()).toEqual(value);
    }
  });
});

describe('the shell example of a README', () => {
  const inputOf = (first: OperationTable['operations'][number], changes: Partial<OperationTable> = {}) => {
    const files = clientFiles({ spec, table: table([first], changes), yaml: '', types: '', now: NOW });
    const text = /printf '%s' '(.*)' \| \.\/bin\/client/.exec(files['README.md'] ?? '')?.[1];
    return JSON.parse(text ?? '') as { spec: object; scheduler_process: object };
  };

  test('gives every required parameter, and a body where there is one', () => {
    const parameters = [
      p('header', 'X-Tenant', { required: true, example: 'acme' }),
      p('header', 'X-Optional', { example: 'no' }),
      p('cookie', 'session', { required: true, example: 's1' }),
      p('path', 'id', { required: true, example: 7 }),
      p('query', 'q', { required: true, example: 'text' }),
    ];
    const requestBody = { required: true, content: [media('application/json', { example: { a: 1 } })] };
    expect(inputOf(operation({ path: '/x/{id}', method: 'POST', parameters, requestBody })).scheduler_process).toEqual({
      method: 'POST',
      endpoint: '/x/{id}',
      query_params: { q: 'text' },
      url_params: { id: 7 },
      headers: { 'X-Tenant': 'acme' },
      cookie_params: { session: 's1' },
      req_body: { a: 1 },
    });
  });

  test('leaves out what there is none of', () => {
    const requestBody = { required: false, content: [media('application/json', { example: undefined })] };
    expect(inputOf(operation({ path: '/x', method: 'POST', requestBody })).scheduler_process).toEqual({
      method: 'POST',
      endpoint: '/x',
    });
  });

  test('gives a credential once, and an address where the document has none', () => {
    const parameters = [p('header', 'x-api-key', { required: true, example: 'k' })];
    const changes: Partial<OperationTable> = {
      servers: [],
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        other: { type: 'http', scheme: 'basic' },
      },
    };
    expect(inputOf(operation({ path: '/x', parameters, security: [{ key: [] }, { other: [] }] }), changes)).toEqual({
      spec: { credentials: { key: { value: '…' } }, url: 'https://…' },
      scheduler_process: { method: 'GET', endpoint: '/x' },
    });
  });

  test('gives a body in JSON where it may be, else names its media type', () => {
    const bodyOf = (...content: ReturnType<typeof media>[]) =>
      inputOf(operation({ path: '/x', method: 'POST', requestBody: { required: true, content } })).scheduler_process;
    const csv = media('text/csv', { example: 'a,b' });
    const xml = media('application/xml', { example: { a: 1 } });
    expect(bodyOf(csv, xml)).toMatchObject({ req_body: 'a,b', content_type: 'text/csv' });
    expect(bodyOf(xml)).toEqual({ method: 'POST', endpoint: '/x', req_body: '<…/>' });
    expect(bodyOf(csv, media('application/json', { example: { a: 1 } }))).toEqual({
      method: 'POST',
      endpoint: '/x',
      req_body: { a: 1 },
    });
  });
});

describe('credentials.ts', () => {
  const types = (securitySchemes: OperationTable['securitySchemes']) =>
    clientFiles({ spec, table: table([], { securitySchemes }), yaml: '', types: '', now: NOW })['credentials.ts'] ?? '';

  test('has what each scheme takes by its name, whatever that is', async () => {
    const text = types({
      key: { type: 'apiKey', in: 'query', name: 'k' },
      'x; }': { type: 'http' as const, scheme: 'Basic' },
      "it's": { type: 'http', scheme: 'bearer' },
      constructor: { type: 'oauth2' as const, flows: {} },
      ['__proto__']: { type: 'openIdConnect' as const, openIdConnectUrl: '' },
      certificate: { type: 'mutualTLS' },
    });
    const usage = `import type { credentials } from './credentials.js';
      export const all: credentials = {
        key: { value: 'v' },
        'x; }': { username: 'u', password: 'p' },
        "it's": { token: 't' },
        constructor: { clientId: 'i', clientSecret: 's', scopes: ['a'] },
        ['__proto__']: { token: 't' },
      };
      // @ts-expect-error a key is no token
      export const wrong: credentials = { key: { token: 't' } };
      // @ts-expect-error no request carries a certificate
      export const none: credentials = { certificate: { value: 'v' } };`;
    expect(await typecheck({ ...(await runtimeFiles()), 'credentials.ts': text, 'usage.ts': usage })).toBeNull();
  });

  test('imports nothing that it does not need', () => {
    expect(types({})).not.toContain('import');
    expect(types({ key: { type: 'apiKey', in: 'query', name: 'k' } })).toContain('import type { ApiKeyCredential }');
  });
});

describe('package.json', () => {
  const packageOf = (name: string, documentVersion: string) =>
    JSON.parse(
      clientFiles({ spec: { ...spec, name }, table: table([], { documentVersion }), yaml: '', types: '', now: NOW })[
        'package.json'
      ] ?? '',
    ) as { name: string; version: string };

  test.each([
    ['filmot', 'filmot-client'],
    ['Pet shop (v2)', 'pet-shop-v2-client'],
    ['Crème Brûlée', 'creme-brulee-client'],
    ['../../etc', 'etc-client'],
    ['日本', '0inulrtujwi8djoz-client'],
    ['con', 'con-client'],
    [`${'a'.repeat(99)}-b`, `${'a'.repeat(99)}-client`],
  ])('names the client of %j %s', (name, want) => {
    expect(packageOf(name, '1').name).toBe(want);
  });

  test.each([
    ['1.2.3', '1.2.3+3'],
    ['v2', '2.0.0+3'],
    ['2021-03-04', '2021.3.4+3'],
    ['1.10-beta', '1.10.0+3'],
    ['', '0.0.0+3'],
    ['latest', '0.0.0+3'],
    ['20211231235959999', '202112312.0.0+3'],
  ])('has the version of a document %j as %s', (documentVersion, want) => {
    expect(packageOf('x', documentVersion).version).toBe(want);
  });
});

test('a README of many endpoints ends after 200 and says so', () => {
  const operations = Array.from({ length: 1_000 }, (_, i) => operation({ path: `/${i}` }));
  const files = clientFiles({ spec, table: table(operations), yaml: '', types: '', now: NOW });
  expect(files['README.md']?.match(/^### /gm)).toHaveLength(200);
  expect(files['README.md']).toContain('800 more endpoints are not shown here');
});

describe('bin/client', () => {
  let folder: string;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream({
      '/token': (_, response) =>
        response.setHeader('content-type', 'application/json').end('{"access_token":"fetched","token_type":"bearer"}'),
      '/bytes': (_, response) => response.end(Buffer.from([0, 255, 10])),
      '/large': (_, response) => response.end(Buffer.alloc(300_000, 'x')),
      '/teapot': (_, response) => response.writeHead(418, { 'content-type': 'application/json' }).end('{"tea":true}'),
    });
    folder = await mkdtemp(join(tmpdir(), 'callboard-client-'));
    const operations = [
      operation({ path: '/getsearchchannels', parameters: [p('query', 'term', { required: true }), p('header', 'H')] }),
      operation({
        path: '/users/{id}',
        method: 'POST',
        requestBody: { required: true, content: [media('application/json')] },
      }),
      operation({
        path: '/some/note',
        method: 'POST',
        requestBody: { required: false, content: [media('application/json')] },
      }),
      operation({
        path: '/guarded',
        method: 'POST',
        parameters: [p('cookie', 'session')],
        requestBody: { required: true, content: [media('application/json'), media('text/csv')] },
        security: [{ key: [], login: [] }],
      }),
      operation({ path: '/token-guarded', security: [{ oauth: [] }] }),
      operation({ path: '/bytes' }),
      operation({ path: '/large' }),
      operation({ path: '/teapot' }),
    ];
    const files = await clientFolder({
      spec,
      table: table(operations, {
        servers: [],
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-Key' },
          login: { type: 'http', scheme: 'basic' },
          oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token', scopes: [] } } },
        },
      }),
      yaml: '',
      types: '',
      now: NOW,
    });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content, { mode: path.startsWith('bin/') ? 0o755 : 0o644 });
    }
  });
  afterAll(async () => {
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  function run(input: unknown): Promise<{ code: number; output: Buffer }> {
    return new Promise((resolve) => {
      const child = execFile(join(folder, 'bin/client'), { encoding: 'buffer' }, (error, output) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output }),
      );
      child.stdin?.end(typeof input === 'string' ? input : JSON.stringify(input));
    });
  }

  const call = (endpoint: string, changes: object = {}, specChanges: object = {}) =>
    run({
      spec: { headers: { 'x-rapidapi-key': 'spec', h: 'spec' }, url: upstream.url, ...specChanges },
      scheduler_process: { method: 'GET', endpoint, ...changes },
    });

  test('makes the call of the process with the headers of both, the process winning', async () => {
    const { code, output } = await call('/getsearchchannels', {
      query_params: { term: 'Science Channel' },
      headers: { H: 'process' },
    });
    expect(code).toBe(0);
    const echoed = JSON.parse(output.toString()) as { url: string; headers: Record<string, string> };
    expect(echoed.url).toBe('/getsearchchannels?term=Science%20Channel');
    expect(echoed.headers).toMatchObject({ 'x-rapidapi-key': 'spec', H: 'process' });
  });

  test('sends the body and fills the path', async () => {
    const { output } = await call('/users/{id}', { method: 'post', url_params: { id: 'a/b' }, req_body: { n: [1] } });
    expect(JSON.parse(output.toString())).toMatchObject({ method: 'POST', url: '/users/a%2Fb', body: '{"n":[1]}' });
  });

  test('sends credentials, cookies and the media type that is named', async () => {
    const { output } = await call(
      '/guarded',
      {
        method: 'POST',
        cookie_params: { session: 's1' },
        content_type: 'text/csv',
        req_body: 'a,b',
        credentials: { login: { username: 'ann', password: 'p' } },
      },
      { credentials: { key: { value: 'k1' }, login: { username: 'no', password: 'no' } } },
    );
    const echoed = JSON.parse(output.toString()) as { body: string; headers: Record<string, string> };
    expect(echoed.body).toBe('a,b');
    expect(echoed.headers).toMatchObject({
      'X-Key': 'k1',
      Authorization: `Basic ${Buffer.from('ann:p').toString('base64')}`,
      Cookie: 'session=s1',
      'Content-Type': 'text/csv',
    });
  });

  test('fetches the token of an OAuth client', async () => {
    const credentials = { oauth: { client_id: 'id', client_secret: 's3cr3t', scopes: ['a'] } };
    const { output } = await call('/token-guarded', { credentials });
    expect(JSON.parse(output.toString())).toMatchObject({ headers: { Authorization: 'Bearer fetched' } });
    const failed = await call('/token-guarded', { credentials: { oauth: { client_id: 'id' } } });
    expect(JSON.parse(failed.output.toString())).toMatchObject({
      message: expect.stringMatching(/Expected scheduler_process\.credentials\.oauth\.client_secret, got nothing\.$/),
    });
  });

  test('takes null for none, and sends no body for it', async () => {
    const { output } = await call(
      '/some/note',
      { method: 'POST', query_params: null, url_params: null, headers: null, cookie_params: null, req_body: null },
      { headers: null },
    );
    const echoed = JSON.parse(output.toString()) as { body: string; headers: Record<string, string> };
    expect(echoed).toMatchObject({ method: 'POST', url: '/some/note', body: '' });
    expect(Object.keys(echoed.headers).map((name) => name.toLowerCase())).not.toContain('content-type');
  });

  test('prints the bytes of the answer as they are, however many', async () => {
    expect((await call('/bytes')).output).toEqual(Buffer.from([0, 255, 10]));
    expect((await call('/large')).output).toEqual(Buffer.alloc(300_000, 'x'));
  });

  test.each<[string, () => ReturnType<typeof run>, string]>([
    ['a missing parameter', () => call('/getsearchchannels'), 'term is required and must be specified'],
    [
      'an unknown endpoint',
      () => call('/bytez'),
      'The service declares no GET /bytez; the nearest are GET /bytes, GET /large, GET /teapot.',
    ],
    [
      'no address',
      () => call('/bytes', {}, { url: '' }),
      'The document names no server, so there is no address to call: set `url` on the Spec.',
    ],
    ['what is not JSON', () => run('nonsense'), 'Expected JSON on standard input.'],
    [
      'a field of the wrong kind',
      () => call('/bytes', { headers: [] }),
      'Expected scheduler_process.headers to be an object.',
    ],
    ['a field that is not there', () => run({}), 'Expected scheduler_process.method, got nothing.'],
  ])('tells %s as the contract has it', async (_, go, reason) => {
    const { code, output } = await go();
    expect(code).toBe(1);
    expect(JSON.parse(output.toString())).toEqual({
      error: true,
      message: `Error executing API call: API call failed: ${reason}`,
    });
  });

  test('tells an answer of 400 or more with the answer', async () => {
    const { code, output } = await call('/teapot');
    expect(code).toBe(1);
    expect(JSON.parse(output.toString())).toMatchObject({
      error: true,
      message: "Error executing API call: API call failed: 418 I'm a Teapot",
      response: { status: 418, headers: { 'content-type': 'application/json' }, body: { tea: true } },
    });
  });
});
