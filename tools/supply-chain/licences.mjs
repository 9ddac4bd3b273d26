/**
 * npm run check:licences: every package that runs has a licence under which Callboard may be given away, as its own
 * package.json says (https://spdx.org/licenses). Exit code 1 when one has not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { productionPackages, root } from './lock.mjs';

const ALLOWED = new Set([
  ...['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Python-2.0'],
  ...['CC0-1.0', 'Unlicense'],
]);

const counts = new Map();
const faults = [];
for (const { folder, name, version, license } of productionPackages()) {
  const licence = licenceOf(folder) ?? license ?? 'none';
  counts.set(licence, (counts.get(licence) ?? 0) + 1);
  if (!isAllowed(licence))
    faults.push(`${name}@${version}: Expected one of ${[...ALLOWED].join(', ')}, got ${licence}.`);
}
for (const [licence, count] of [...counts].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(5)}  ${licence}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 && counts.size > 0 ? 0 : 1;

/** What an installed package says of itself; undefined for one that is for other platforms. */
function licenceOf(folder) {
  const file = join(root, folder, 'package.json');
  if (!existsSync(file)) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
  const said = license ?? licenses?.map((each) => each.type).join(' OR ');
  return typeof said === 'object' ? said.type : said;
}

/** All of what is joined by AND, one of what is joined by OR. */
function isAllowed(expression) {
  const text = expression.replace(/[()]/g, '');
  return text.split(' OR ').some((choice) => choice.split(' AND ').every((part) => ALLOWED.has(part.trim())));
}
