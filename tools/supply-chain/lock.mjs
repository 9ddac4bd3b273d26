import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** The packages of package-lock.json, each with the folder that it is installed in. */
export function lockedPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([folder]) => folder !== '')
    .map(([folder, entry]) => ({ ...entry, folder, name: folder.slice(folder.lastIndexOf('node_modules/') + 13) }));
}

/** Those that run: what is only there for development is left out. */
export function productionPackages() {
  return lockedPackages().filter((entry) => !entry.dev);
}
