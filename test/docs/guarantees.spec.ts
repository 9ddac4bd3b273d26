import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Each row of a table of proofs: what is proved, and the file that proves it. */
const rows = [...read('docs/guarantees.md').matchAll(/^\| (?!proof|-)(.+?) +\| `([^`]+)`.*\|$/gm)].map(
  ([, proofs = '', file = '']) => ({ proofs, file }),
);

it('finds the tables of proofs', () => {
  expect(rows.length).toBeGreaterThan(30);
});

it.each(rows)('$proofs is in $file', ({ proofs, file }) => {
  const named = proofs.startsWith('chaos: ')
    ? [...proofs.matchAll(/`([^`]+)`/g)].map(([, fault = '']) => `name: '${fault}'`)
    : proofs.split('; ').map((proof) => proof.replace(/ \([^)]*\)$/, '').replace(/ …$/, ''));
  const text = read(file);
  expect(named.filter((name) => !text.includes(name))).toEqual([]);
});
