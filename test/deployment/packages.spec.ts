import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  /** By name, or by name below the package that brings them in; `$name` is the version above. */
  readonly overrides: Record<string, string | Record<string, string>>;
}
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

const manifest = read('package.json') as Manifest;
const lock = read('package-lock.json') as { packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(([folder]) => folder !== '');
const overridden = Object.entries(manifest.overrides).flatMap(([name, version]) =>
  typeof version === 'string'
    ? [[name, version.startsWith('$') ? (manifest.dependencies[version.slice(1)] ?? '') : version] as const]
    : Object.entries(version),
);
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

describe('the packages', () => {
  it('are named by exact versions', () => {
    const { dependencies, devDependencies } = manifest;
    const wanted = [...Object.entries({ ...dependencies, ...devDependencies }), ...overridden];
    expect(wanted.filter(([, version]) => !EXACT.test(version))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(50);
  });

  it('are the overriding ones wherever they stand', () => {
    for (const [name, version] of overridden) {
      const copies = locked.filter(([folder]) => folder.endsWith(`node_modules/${name}`));
      expect([name, ...new Set(copies.map(([, each]) => each.version))]).toEqual([name, version]);
    }
    expect(overridden.length).toBeGreaterThan(5);
  });

  it('are locked with a hash each, and come from the public registry or from where the user has it', () => {
    const odd = locked.filter(([, { version, integrity, resolved, link }]) => {
      const isPublic = resolved === undefined || resolved.startsWith('https://registry.npmjs.org/');
      return version === undefined || !(integrity ?? '').startsWith('sha512-') || !isPublic || link === true;
    });
    expect(odd.map(([folder]) => folder)).toEqual([]);
    expect(locked.length).toBeGreaterThan(500);
  });

  it('run nothing by being installed', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    for (const [line] of readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/npm (ci|install|prune)[^&\n]*/g)) {
      expect(line).toContain('--ignore-scripts');
    }
    const scripts = locked.filter(([, each]) => each.hasInstallScript === true && each.dev !== true);
    // Counts its own downloads, and is switched off besides (scarfSettings).
    expect(scripts.map(([folder]) => folder)).toEqual(['node_modules/@scarf/scarf']);
  });

  it('of test services in Python are exact too', () => {
    const lines = readFileSync(join(root, 'tools/servers/httpbin-requirements.txt'), 'utf8').split('\n');
    const names = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
    expect(names.filter((line) => !/^[\w.[\]-]+==[\w.]+/.test(line))).toEqual([]);
  });
});
