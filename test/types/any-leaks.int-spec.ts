import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientGenerator } from '#openapi';
import { findAny } from './any-leaks.js';
import { SPEC, bundleRuntime, clientOf, emptyFolder, write } from './generated.js';
import { PET_SHOP } from './pet-shop.js';

/** Documents that were published, where there are any; not a part of this repository. */
const SPECS = join(import.meta.dirname, '../../../shared/specs');
const EVERY = 8;
const LARGEST_BYTES = 300_000;

const generator = new ClientGenerator();
afterAll(() => generator.close());

beforeAll(bundleRuntime, 60_000);

async function walk(document: object | Uint8Array) {
  const folder = await emptyFolder();
  try {
    await write(folder.path, await clientOf(document, SPEC, generator));
    return findAny(folder.path);
  } finally {
    await folder.remove();
  }
}

describe('the types of a client', () => {
  test('let no any out, whatever operation is called', async () => {
    const { leaks, operations, types } = await walk(PET_SHOP);
    expect(leaks).toEqual([]);
    expect(operations).toBe(7 + 6);
    expect(types).toBeGreaterThan(100);
  });

  test('that were an any would be found', async () => {
    const folder = await emptyFolder();
    const files = await clientOf(PET_SHOP, SPEC, generator);
    const types = files['types.ts']?.replace('message: string;', 'message: any;') ?? '';
    await write(folder.path, { ...files, 'types.ts': types });
    expect(findAny(folder.path).leaks).toContainEqual(expect.stringMatching(/message$/));
    await folder.remove();
  });
});

const describeSpecs = existsSync(SPECS) ? describe : describe.skip;
describeSpecs('the types of the clients of published documents', () => {
  test('let no any out', async () => {
    const names = (await readdir(SPECS, { recursive: true })).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
    let walked = 0;
    for (const name of names.filter((_, index) => index % EVERY === 0)) {
      const document = await readFile(join(SPECS, name));
      if (document.length > LARGEST_BYTES) continue;
      const { leaks } = await walk(document);
      expect([name, leaks]).toEqual([name, []]);
      walked += 1;
    }
    expect(walked).toBeGreaterThan(15);
  }, 300_000);
});
