import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Documents whose tables end with two columns: what proves something (names of tests), and the file that has it. */
const DOCUMENTS = [
  { document: 'docs/guarantees.md', fewest: 30 },
  { document: 'docs/security.md', fewest: 0 },
];

describe.each(DOCUMENTS)('$document', ({ document, fewest }) => {
  const rows = rowsOf(read(document));

  it('has tables of proofs', () => {
    expect(rows.length).toBeGreaterThanOrEqual(fewest);
  });

  it('names tests by their names and files', () => {
    const missing = rows.flatMap(({ proofs, file }) => {
      const text = read(file);
      return namesIn(proofs)
        .filter((name) => !text.includes(name))
        .map((name) => `${file}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
});

/** Each row that ends with a proof and a file of code. */
function rowsOf(text: string): { proofs: string; file: string }[] {
  return [...text.matchAll(/^\|(?:.*\|)? *([^|]+?) +\| `([^`|]+\.m?[jt]s)`[^|]*\|$/gm)].map(
    ([, proofs = '', file = '']) => ({ proofs, file }),
  );
}

function namesIn(proofs: string): string[] {
  return proofs.startsWith('chaos: ')
    ? [...proofs.matchAll(/`([^`]+)`/g)].map(([, fault = '']) => `name: '${fault}'`)
    : proofs.split('; ').map((proof) => proof.replace(/ \([^)]*\)$/, '').replace(/ …$/, ''));
}
