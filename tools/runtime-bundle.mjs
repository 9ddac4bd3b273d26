/**
 * Makes dist/client-runtime/: the runtime of generated clients as one module (undici included, nothing to install) and
 * its types and licences. Skipped when nothing of it has changed.
 */
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'libs/client-runtime');
const out = join(root, 'dist/client-runtime');

/** undici is CommonJS and asks for Node's modules when it runs. */
const banner = `/* Contains undici (https://undici.nodejs.org), copyright Matteo Collina and Undici contributors, MIT licence. */
import { createRequire as $createRequire } from 'node:module';
const require = $createRequire(import.meta.url);`;

/** The parts of undici that are used: its index would bring all others along. */
const undiciParts = {
  name: 'undici-parts',
  setup(build) {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'parts' }));
    build.onLoad({ filter: /.*/, namespace: 'parts' }, () => ({
      contents: `export { default as Agent } from 'undici/lib/dispatcher/agent.js';
        export { default as errors } from 'undici/lib/core/errors.js';`,
      resolveDir: root,
    }));
  },
};

/** The functions that the bundle exports, with the types that client-types.ts has for them. */
const functions = {
  createClient: 'CreateClient',
  isCallError: 'IsCallError',
  readTable: 'ReadTable',
  runCommand: 'RunCommand',
};

/** The types of the bundle: they import nothing but one another. */
const typeFiles = ['client-types.ts', 'call-types.ts', 'answer-types.ts'];

/** Builds what is older than its sources; returns whether it did. */
export async function bundleRuntime() {
  const target = join(out, 'runtime.js');
  const types = join(out, 'runtime.d.ts');
  const license = join(out, 'LICENSE');
  const made = await Promise.all([target, types, license].map(modified));
  if (Math.min(...made) > (await newestSource())) return false;
  await mkdir(out, { recursive: true });
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(lib, 'bundle.ts')],
    outfile: target,
    bundle: true,
    minify: true,
    // Errors are called after their classes.
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['callboard-source'],
    banner: { js: banner },
    legalComments: 'none',
    plugins: [undiciParts],
    logLevel: 'warning',
  });
  await writeFile(types, await declarations());
  await writeFile(license, await licenses());
  return true;
}

/** Files of types as one, which exports no more than they do. */
async function declarations() {
  const texts = await Promise.all(typeFiles.map((file) => readFile(join(lib, file), 'utf8')));
  const body = texts.map((text) => text.replace(/^import type \{[^}]*\} from '\.\/[^']*';\n/gm, '')).join('\n');
  const exported = Object.entries(functions).map(([name, type]) => `export declare const ${name}: ${type};\n`);
  return `${body}\n${exported.join('')}export {};\n`;
}

async function licenses() {
  const own = await readFile(join(root, 'LICENSE'), 'utf8');
  const undici = await readFile(join(root, 'node_modules/undici/LICENSE'), 'utf8');
  return `runtime.js contains undici (https://undici.nodejs.org).\n\nCallboard:\n\n${own}\nundici:\n\n${undici}`;
}

async function newestSource() {
  const folders = [lib, join(root, 'libs/core')];
  const listed = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
  const sources = listed
    .flat()
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const others = [import.meta.filename, join(root, 'node_modules/undici/package.json')];
  return Math.max(...(await Promise.all([...sources, ...others].map(modified))));
}

async function modified(file) {
  const info = await stat(file).catch(() => null);
  return info ? info.mtimeMs : 0;
}

if (process.argv[1] === import.meta.filename) {
  console.log((await bundleRuntime()) ? 'Bundled the client runtime.' : 'The client runtime is up to date.');
}
