// Other programs that make clients of documents, run as their users run them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

/**
 * @param {string} folder where they may write
 * @returns each with its name, the command for a document, and why it cannot be run, or null
 */
export function rivals(folder) {
  const typescript = join(root, 'node_modules', 'openapi-typescript', 'bin', 'cli.js');
  const noJava = missingJava();
  return [
    {
      name: 'openapi-typescript',
      skipped: existsSync(typescript) ? null : 'it is not installed',
      args: (document) => [process.execPath, typescript, document, '-o', join(folder, 'rival.ts')],
    },
    ...['typescript-fetch', 'go'].map((generator) => ({
      name: `OpenAPI Generator, ${generator}`,
      skipped: noJava,
      args: (document) => [...generate(generator), '-i', document, '-o', join(folder, generator)],
    })),
  ];
}

function generate(generator) {
  return [process.execPath, openapiGenerator, 'generate', '--skip-validate-spec', '-g', generator];
}

const openapiGenerator = join(root, 'tools', 'openapi-generator.mjs');

function missingJava() {
  if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0) return 'there is no Java';
  // The first use fetches the jar, which is not to be measured.
  const { status, stderr } = spawnSync(process.execPath, [openapiGenerator, 'version'], { encoding: 'utf8' });
  return status === 0 ? null : `its jar cannot be had: ${stderr.trim().split('\n').at(-1)}`;
}
