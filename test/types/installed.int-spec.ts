/** A client that was downloaded is used where nothing of this repository is. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientZip } from '#client-runtime';
import { startUpstream } from '#testing';
import type { Upstream } from '#testing';
import { COMPILERS, SPEC, bundleRuntime, clientOf, emptyFolder, node, unzip, write } from './generated.js';
import { PET_SHOP } from './pet-shop.js';

/** A compiler takes seconds where other tests run beside it. */
const TIMEOUT_MS = 60_000;
const NPM = ['--no-audit', '--no-fund', '--offline', '--ignore-scripts', '--loglevel=error'];

const USAGE = `
import { createClient, isCallError } from 'pet-shop-client';
import type { Schemas, ServiceClient, Result, operations } from 'pet-shop-client';

export const client: ServiceClient = createClient({ url: 'http://127.0.0.1:1', credentials: { shopKey: { value: 'k' } } });

export async function names(kinds: Schemas['Pet']['kind'][]): Promise<string[]> {
  const result = await client.get('/pets', { params: { query: { limit: 5, kinds } } });
  if (!result.ok) throw new Error(result.error.message);
  return result.contentType === 'text/csv' ? result.data.split(',') : result.data.map((pet) => pet.name);
}
export async function since(id: number): Promise<string | undefined> {
  const result = await client.paths['/pets/{id}'].get({ params: { path: { id } } });
  return result.status === 404 ? result.error.since : undefined;
}
export type Photo = Result<operations['photo']>;
export const sent = (error: unknown) => !isCallError(error) || error.sent !== false;
// @ts-expect-error there is no such path
void client.get('/pet');
// @ts-expect-error the id is a number
void client.operations.photo({ params: { path: { id: 'x' } } });
`;

describe('a downloaded client', () => {
  let upstream: Upstream;
  let folder: Awaited<ReturnType<typeof emptyFolder>>;
  let consumer: string;

  beforeAll(async () => {
    await bundleRuntime();
    upstream = await startUpstream({
      '/pets': (_, response) =>
        response.setHeader('content-type', 'application/json').setHeader('x-total', '1').end('[{"id":1,"name":"Tom"}]'),
    });
    folder = await emptyFolder();
    const zip = await buffer(clientZip(await clientOf(PET_SHOP), SPEC));
    await unzip(zip, folder.path);
    consumer = join(folder.path, 'consumer');
    await write(consumer, {
      'package.json': JSON.stringify({ name: 'consumer', version: '1.0.0', type: 'module' }),
      'usage.ts': USAGE,
    });
    await promisify(execFile)('npm', ['install', ...NPM, '../pet-shop-client'], { cwd: consumer });
  }, TIMEOUT_MS);

  afterAll(async () => {
    await upstream.close();
    await folder.remove();
  });

  const resolutions = {
    nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
    bundler: { module: 'esnext', moduleResolution: 'bundler' },
  };
  const strictness = {
    strict: {},
    'stricter than strict': {
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
    },
  };
  const cases = Object.entries(COMPILERS).flatMap(([compiler, path]) =>
    Object.entries(resolutions).flatMap(([resolution, options]) =>
      Object.entries(strictness).map(
        ([flags, more]) => [flags, resolution, compiler, path, { ...options, ...more }] as const,
      ),
    ),
  );
  test.each(cases)(
    'type-checks %s by resolution %s with %s',
    async (_, _resolution, _compiler, path, options) => {
      const config = {
        compilerOptions: {
          target: 'es2022',
          lib: ['es2022', 'dom'],
          types: [],
          strict: true,
          noEmit: true,
          ...options,
        },
        files: ['usage.ts'],
      };
      const name = `tsconfig.${JSON.stringify(options).length}-${options.module}.json`;
      await write(consumer, {
        [name]: JSON.stringify({
          ...config,
          compilerOptions: { ...config.compilerOptions, skipDefaultLibCheck: true },
        }),
      });
      await expect(node(consumer, path, '-p', name)).resolves.toBe('');
    },
    TIMEOUT_MS,
  );

  test(
    'type-checks by itself, with nothing installed',
    async () => {
      for (const path of Object.values(COMPILERS)) {
        await expect(node(join(folder.path, 'pet-shop-client'), path, '-p', '.')).resolves.toBe('');
      }
    },
    TIMEOUT_MS,
  );

  test('type-checks what its README shows', async () => {
    const readme = await readFile(join(consumer, 'node_modules/pet-shop-client/README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code ?? '');
    expect(blocks.length).toBeGreaterThan(5);
    await write(consumer, {
      'readme.ts': blocks.join('\n'),
      'tsconfig.readme.json': JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          lib: ['es2022', 'dom'],
          types: [],
          strict: true,
          noEmit: true,
          module: 'nodenext',
        },
        files: ['readme.ts'],
      }),
    });
    await expect(node(consumer, COMPILERS['TypeScript 7'], '-p', 'tsconfig.readme.json')).resolves.toBe('');
  });

  test('tells by name and code what kept a call from being made', async () => {
    await write(consumer, {
      'failing.mjs': `import { createClient, isCallError } from 'pet-shop-client';
        const client = createClient({ url: 'http://127.0.0.1:1' });
        for (const call of [() => client.get('/pets'), () => client.get('/pets/{id}', { params: { path: {} } })]) {
          const error = await call().catch((reason) => reason);
          console.log(JSON.stringify([isCallError(error), error.name, error.code, error.sent]));
        }
        console.log(isCallError(new Error('another')));`,
    });
    expect((await node(consumer, 'failing.mjs')).trim().split('\n')).toEqual([
      '[true,"CallFailed","CALL_NO_CONNECTION",false]',
      '[true,"Permanent","PARAMETER_REQUIRED",null]',
      'false',
    ]);
  });

  const CALL = `
    const client = createClient({ url: process.argv[2], credentials: { shopKey: { value: 'k' } } });
    const result = await client.operations.listPets({ params: { query: { kinds: ['cat', 'dog'] } } });
    console.log(JSON.stringify([result.ok, result.status, result.headers['x-total'], result.data]));
    await client.close();`;
  const programs = {
    'an ES module': ['run.mjs', `import { createClient } from 'pet-shop-client';\n${CALL}`],
    'CommonJS by import()': [
      'run.cjs',
      `(async () => { const { createClient } = await import('pet-shop-client');${CALL} })();`,
    ],
    'CommonJS by require()': [
      'require.cjs',
      `(async () => { const { createClient } = require('pet-shop-client');${CALL} })();`,
    ],
  } as const;
  test.each(Object.entries(programs))('is called by plain Node.js from %s', async (_, [name, source]) => {
    await write(consumer, { [name]: source });
    expect(JSON.parse(await node(consumer, name, upstream.url))).toEqual([true, 200, '1', [{ id: 1, name: 'Tom' }]]);
    const received = upstream.requests.at(-1);
    expect(received?.url).toBe('/pets?kinds=cat&kinds=dog');
    expect(received?.headers).toContainEqual(['X-Shop-Key', 'k']);
  });
});
