import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NotFound, Permanent, Unavailable } from '#core';
import { eventually } from '#testing';
import { describeWithServer } from '../../../test/setup/real-servers.js';
import { SdkInstallation } from './installation.js';
import { SdkMaker, type SdkMakerOptions } from './sdk-maker.js';

const DEADLINE_MS = 120_000;
const DOCUMENT = {
  openapi: '3.0.3',
  info: { title: 'Pets', version: '1' },
  paths: { '/pets': { get: { operationId: 'listPets', responses: { 200: { description: 'ok' } } } } },
};

describeWithServer(
  ['OPENAPI_GENERATOR_JAR'],
  'an SDK made by OpenAPI Generator',
  ({ OPENAPI_GENERATOR_JAR: jar = '' }) => {
    const installation = new SdkInstallation({ path: process.env.PATH ?? '', jar });
    let folder: string;
    let asked: string[];
    let neighbour: Server;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'callboard-sdk-int-'));
      asked = [];
      neighbour = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.end('{}');
      });
      await new Promise<void>((resolve) => neighbour.listen(0, '127.0.0.1', resolve));
    });
    afterAll(async () => {
      neighbour.close();
      await rm(folder, { recursive: true, force: true });
    });

    function make(
      generator: string,
      document: unknown,
      options: Partial<SdkMakerOptions> = {},
      signal = new AbortController().signal,
    ): Promise<Buffer> {
      const maker = new SdkMaker(installation, { heapMb: 512, timeoutMs: DEADLINE_MS, maxBytes: 2 ** 26, ...options });
      const yaml = Readable.from([JSON.stringify(document)]);
      return maker.make({ yaml, generator, folder: 'pets' }, buffer, signal);
    }
    async function namesIn(zip: Buffer): Promise<string[]> {
      const file = join(folder, 'sdk.zip');
      await writeFile(file, zip);
      const list = 'import sys, zipfile; print("\\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))';
      const { stdout } = await promisify(execFile)('python3', ['-c', list, file]);
      return stdout.trim().split('\n');
    }

    it(
      'knows the generators',
      async () => {
        const { generators } = await installation.find();
        expect(generators).toEqual(expect.arrayContaining(['go', 'java', 'python', 'typescript-fetch']));
      },
      DEADLINE_MS,
    );

    it(
      'is a zip with one folder',
      async () => {
        const names = await namesIn(await make('go', DOCUMENT));
        expect(names).toEqual(expect.arrayContaining(['pets/api_default.go', 'pets/go.mod', 'pets/README.md']));
        expect(names.every((name) => name.startsWith('pets/'))).toBe(true);
      },
      DEADLINE_MS,
    );

    it(
      'stays in its folder and asks nobody, whatever the document says',
      async () => {
        const { port } = neighbour.address() as AddressInfo;
        const away = `http://127.0.0.1:${port}/evil.json`;
        const up = '../'.repeat(12);
        const climbing = `${up}${folder.slice(1)}/escaped`;
        const pet = { type: 'object', properties: { k: { type: 'string' } } };
        const hostile = {
          openapi: '3.0.3',
          info: { title: climbing, version: climbing, 'x-ref': away },
          externalDocs: { url: away },
          paths: {
            '/a': {
              get: {
                operationId: climbing,
                tags: [climbing],
                responses: { 200: { description: 'ok', content: { 'application/json': { schema: { $ref: away } } } } },
              },
            },
            '/b': {
              get: {
                tags: ['/etc', '..', `${climbing}\\x`],
                responses: {
                  200: {
                    description: 'ok',
                    content: {
                      'application/json': {
                        schema: {
                          oneOf: [{ $ref: '#/components/schemas/Pet' }],
                          discriminator: { propertyName: 'k', mapping: { a: away, b: `${up}etc/hostname` } },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          components: { schemas: { Pet: pet, [climbing]: pet } },
        };
        for (const generator of ['python', 'typescript-fetch']) {
          const names = await namesIn(await make(generator, hostile));
          expect(names.filter((name) => name.includes('..') || name.startsWith('/'))).toEqual([]);
        }
        expect((await readdir(folder)).filter((name) => name !== 'sdk.zip')).toEqual([]);
        expect(asked).toEqual([]);
      },
      DEADLINE_MS,
    );

    it(
      'ends in one sentence when its generator wants the network',
      async () => {
        const made = make('java-helidon-client', DOCUMENT);
        await expect(made).rejects.toThrow(/^OpenAPI Generator ended with exit code 1: access denied .*\.$/);
        await expect(made).rejects.toBeInstanceOf(Permanent);
      },
      DEADLINE_MS,
    );

    it(
      'is refused for names that are no generator',
      async () => {
        for (const name of ['nope', '', '--help', '../x', 'Go', 'go\n']) {
          await expect(make(name, DOCUMENT)).rejects.toBeInstanceOf(NotFound);
        }
      },
      DEADLINE_MS,
    );

    it(
      'may be neither late nor large',
      async () => {
        await expect(make('go', DOCUMENT, { timeoutMs: 10 })).rejects.toThrow('SDK_TIMEOUT_SECONDS');
        await expect(make('go', DOCUMENT, { maxBytes: 1_000 })).rejects.toThrow('SDK_MAX_BYTES');
        await expect(make('go', DOCUMENT, { heapMb: 8 })).rejects.toThrow('SDK_HEAP_MB');
      },
      DEADLINE_MS,
    );

    it(
      'ends with its Java when it is stopped, at any moment',
      async () => {
        for (const moment of ['at once', 'in', 'java', 'out']) {
          const stop = new AbortController();
          const ended = make('java', DOCUMENT, {}, stop.signal).catch((error: unknown) => error);
          await eventually(`the moment: ${moment}`, () => hasCome(moment), DEADLINE_MS);
          stop.abort();
          expect(await ended).toBeInstanceOf(Unavailable);
          expect(await leftOvers()).toEqual([]);
          expect(await commandsThatName(OWN)).toEqual([]);
        }
      },
      DEADLINE_MS,
    );

    it(
      'leaves nothing behind when nobody keeps it, and reads nothing when there can be none',
      async () => {
        const maker = new SdkMaker(installation, { heapMb: 512, timeoutMs: DEADLINE_MS, maxBytes: 2 ** 26 });
        const { signal } = new AbortController();
        const wanted = { yaml: Readable.from([JSON.stringify(DOCUMENT)]), generator: 'go', folder: 'x' };
        const full = async (zip: Readable): Promise<never> => {
          zip.destroy();
          throw new Unavailable('FULL', 'The store is full.');
        };
        await expect(maker.make(wanted, full, signal)).rejects.toThrow('The store is full.');
        expect(await leftOvers()).toEqual([]);
        const yaml = Readable.from([JSON.stringify(DOCUMENT)]);
        await expect(maker.make({ ...wanted, yaml, generator: 'nope' }, full, signal)).rejects.toBeInstanceOf(NotFound);
        expect(yaml.destroyed).toBe(true);
      },
      DEADLINE_MS,
    );
  },
);

/** What the folders of this process are called. */
const OWN = `callboard-sdk-${process.pid}-`;

async function leftOvers(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(OWN));
}

/** Whether an SDK in the making is as far as: its folder has a document (in), Java runs, or files are written (out). */
async function hasCome(moment: string): Promise<boolean> {
  if (moment === 'at once') return true;
  if (moment === 'java') return (await commandsThatName(OWN)).length > 0;
  const [folder = ''] = await leftOvers();
  return (await readdir(join(tmpdir(), folder, moment)).catch(() => [])).length > 0;
}

/** The command lines of this machine's processes that hold a text. */
async function commandsThatName(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => line.includes(text));
}
