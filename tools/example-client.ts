/**
 * Generates generated-clients/example/ anew from its own spec.yaml, as a worker would, but for the runtime:
 * `node --conditions=callboard-source --import tsx tools/example-client.ts`
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { clientFiles } from '#client-runtime';
import { ClientGenerator } from '#openapi';

const folder = join(import.meta.dirname, '../generated-clients/example');
const spec = { traceId: '0ExampleTraceId0', name: 'example', version: 1 };
const now = Date.parse('2026-01-01T00:00:00.000Z');

/** The files of the example by their paths in its folder. */
export async function exampleFiles(): Promise<Record<string, string>> {
  const generator = new ClientGenerator();
  try {
    const { yaml, table, types } = await generator.generate(await readFile(join(folder, 'spec.yaml')));
    return clientFiles({ spec, table, yaml, types, now });
  } finally {
    await generator.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [path, content] of Object.entries(await exampleFiles())) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    if (path.startsWith('bin/')) await chmod(target, 0o755);
  }
}
