import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { fromBufferPromise } from 'yauzl';
import { tables } from '#testing';
import { clientFiles } from './client-folder.js';
import { clientZip } from './client-zip.js';

const { operation, table } = tables;
const NOW = Date.UTC(2026, 2, 29, 2, 30, 6);

const zipOf = (name = 'Pet shop', updatedAt = NOW) => {
  const spec = { traceId: '0iNULRtUjwi8DJoz', name, version: 3, updatedAt };
  const files = clientFiles({
    spec,
    table: table([operation({ path: '/pets' })]),
    yaml: 'openapi: 3.1.0\n',
    types: 'export interface paths {}\n',
    now: updatedAt,
  });
  return buffer(clientZip(files, spec));
};

async function entriesOf(zip: Buffer) {
  const file = await fromBufferPromise(zip);
  const entries = new Map<string, { mode: number; modified: string; text: string }>();
  for await (const entry of file.eachEntry()) {
    entries.set(entry.fileName, {
      mode: entry.externalFileAttributes >>> 16,
      modified: entry.getLastModDate({ timezone: 'UTC' }).toISOString(),
      text: (await buffer(await file.openReadStreamPromise(entry))).toString(),
    });
  }
  return entries;
}

describe('a zip of a client', () => {
  test('has one folder, named after the service', async () => {
    const paths = [...(await entriesOf(await zipOf())).keys()];
    expect(paths).toEqual([
      'pet-shop-client/README.md',
      'pet-shop-client/bin/client',
      'pet-shop-client/client.d.ts',
      'pet-shop-client/client.js',
      'pet-shop-client/credentials.d.ts',
      'pet-shop-client/operations.json',
      'pet-shop-client/package.json',
      'pet-shop-client/service.metadata.yaml',
      'pet-shop-client/spec.yaml',
      'pet-shop-client/tsconfig.json',
      'pet-shop-client/types.d.ts',
    ]);
  });

  test.each(['../../etc/passwd', '/root', String.raw`C:\Windows`, 'a\u0000b', 'nul', '日本', '..', 'x'.repeat(300)])(
    'of a service called %j stays in a folder that every system can make',
    async (name) => {
      for (const path of (await entriesOf(await zipOf(name))).keys()) {
        expect(path).toMatch(/^[a-z0-9][a-z0-9-]{0,100}-client\/[A-Za-z]/);
        expect(path).not.toContain('..');
      }
    },
  );

  test('is the same, byte for byte, whenever and wherever it is made', async () => {
    expect(await zipOf()).toEqual(await zipOf());
    const entries = [...(await entriesOf(await zipOf())).values()];
    expect(new Set(entries.map(({ modified }) => modified))).toEqual(new Set(['2026-03-29T02:30:06.000Z']));
    const old = [...(await entriesOf(await zipOf('x', 0))).values()];
    expect(old[0]?.modified).toBe('1980-01-01T00:00:00.000Z');
  });

  test('makes the command executable, and nothing else', async () => {
    for (const [path, { mode }] of await entriesOf(await zipOf())) {
      expect([path, mode]).toEqual([path, path.endsWith('/bin/client') ? 0o100755 : 0o100644]);
    }
  });

  test('points to declarations, and has no carriage return', async () => {
    const entries = await entriesOf(await zipOf());
    const text = entries.get('pet-shop-client/package.json')?.text ?? '';
    expect(JSON.parse(text)).toMatchObject({
      name: 'pet-shop-client',
      types: './client.d.ts',
      exports: { '.': { types: './client.d.ts', default: './client.js' } },
    });
    for (const [, { text: content }] of entries) expect(content).not.toContain('\r');
  });
});
