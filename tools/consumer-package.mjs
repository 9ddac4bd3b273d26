/**
 * Makes the npm package of libs/consumer, ready for `npm publish`: its modules, their types, its README and the licence.
 *
 *   node tools/consumer-package.mjs [folder]     (dist/consumer-package)
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transformFile } from '@swc/core';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'libs/consumer');
const out = resolve(process.argv[2] ?? join(root, 'dist/consumer-package'));
const { version, license, engines, dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const sources = (await readdir(lib, { recursive: true })).filter((name) => /(?<!spec)\.ts$/.test(name));
for (const name of sources) {
  const { code } = await transformFile(join(lib, name), { configFile: join(root, '.swcrc'), sourceMaps: false });
  const target = join(out, name.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}
await writeTypes();
await copyFile(join(root, 'LICENSE'), join(out, 'LICENSE'));
const readme = await readFile(join(lib, 'README.md'), 'utf8');
await writeFile(join(out, 'README.md'), readme.replaceAll("from '#consumer'", "from 'callboard-consumer'"));
await writeFile(
  join(out, 'package.json'),
  `${JSON.stringify(
    {
      name: 'callboard-consumer',
      version,
      description:
        'Brings messages from a queue to a function: acknowledges, retries, reconnects, measures and traces.',
      license,
      type: 'module',
      exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
      engines,
      // Whoever has queues in memory alone needs no broker's library; its types are asked for all the same.
      peerDependencies: { amqplib: `^${dependencies.amqplib}` },
    },
    null,
    2,
  )}\n`,
);
console.log(`Made ${out}.`);

async function writeTypes() {
  const config = join(out, 'tsconfig.json');
  const compilerOptions = {
    ...{ declaration: true, emitDeclarationOnly: true, noEmit: false, rootDir: lib, outDir: out },
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const files = [join(lib, 'index.ts')];
  await writeFile(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files }),
  );
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', config]);
  await rm(config);
}
