/**
 * Compiles apps/ and libs/ into dist/ with SWC, one file to one file, in one pass. Only what changed is compiled again;
 * output without a source is removed. Tests and libs/testing are left out: they run from source.
 */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { transformFile } from '@swc/core';
import { bundleRuntime } from './runtime-bundle.mjs';

const root = join(import.meta.dirname, '..');
const out = join(root, 'dist');
const sources = ['apps', 'libs'];
const skipped = /\.(spec|int-spec|e2e-spec|d)\.ts$|^libs\/testing\//;
/** A change of any of these changes every output. */
const recipe = ['.swcrc', 'package.json', 'package-lock.json', 'tools/build.mjs'];

const recipeTime = Math.max(...(await Promise.all(recipe.map((file) => modified(join(root, file))))));
const wanted = new Map();
for (const folder of sources) {
  for (const file of await filesIn(join(root, folder))) {
    const name = relative(root, file);
    if (!name.endsWith('.ts') || skipped.test(name)) continue;
    wanted.set(join(out, name.replace(/\.ts$/, '.js')), file);
  }
}

let compiled = 0;
await Promise.all(
  [...wanted].map(async ([target, source]) => {
    if ((await modified(target)) > Math.max(await modified(source), recipeTime)) return;
    const { code, map } = await transformFile(source, {
      configFile: join(root, '.swcrc'),
      sourceFileName: relative(dirname(target), source),
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(`${target}.map`, map ?? '');
    await writeFile(target, `${code}\n//# sourceMappingURL=${target.slice(target.lastIndexOf('/') + 1)}.map\n`);
    compiled += 1;
  }),
);
for (const folder of sources) {
  for (const file of await filesIn(join(out, folder))) {
    if (file.endsWith('.js') && !wanted.has(file)) await Promise.all([rm(file), rm(`${file}.map`, { force: true })]);
  }
}
console.log(`Built ${compiled} of ${wanted.size} files.`);
if (await bundleRuntime()) console.log('Bundled the client runtime.');

async function modified(file) {
  const info = await stat(file).catch(() => null);
  return info ? info.mtimeMs : 0;
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
