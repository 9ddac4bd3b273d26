/**
 * npm run sbom -- [FILE]: what runs in an installation, as a bill of materials in CycloneDX 1.5
 * (https://cyclonedx.org/docs/1.5/json), to FILE or to standard output. Made by npm, offline; compared with the lock file
 * before it is given out: it has every package that runs, with version, package URL, licence and hash, and no other.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { productionPackages, root } from './lock.mjs';

const running = new Set(productionPackages().map(({ name, version }) => `${name}@${version}`));
// Told to omit what is for development, npm 11 also omits some of what both need.
const command = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
const { stdout, stderr, status } = spawnSync('npm', command, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
if (status !== 0) {
  console.error(`Expected npm to make a bill of materials, got: ${stderr.trim().split('\n').at(-1)}`);
  process.exit(1);
}
const bill = JSON.parse(stdout);
bill.components = bill.components.filter(({ name, version }) => running.has(`${name}@${version}`));
const references = new Set([bill.metadata.component, ...bill.components].map((each) => each['bom-ref']));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => references.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn?.filter((each) => references.has(each)) }));
// npm names it after the folder that it stands in.
bill.metadata.component.name = 'callboard';
const faults = faultsOf(bill);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
const [file] = process.argv.slice(2);
const text = `${JSON.stringify(bill, null, 2)}\n`;
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);
console.error(`${bill.components.length} packages.`);

function faultsOf({ bomFormat, specVersion, components }) {
  const found = [];
  if (bomFormat !== 'CycloneDX' || specVersion !== '1.5')
    found.push(`Expected CycloneDX 1.5, got ${bomFormat} ${specVersion}.`);
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
  for (const each of running) if (!listed.has(each)) found.push(`Expected ${each} in the bill, got nothing.`);
  for (const { name, purl, licenses, hashes } of components) {
    if (!purl?.startsWith('pkg:npm/')) found.push(`Expected a package URL of ${name}, got ${purl}.`);
    if (!licenses?.length) found.push(`Expected a licence of ${name}, got none.`);
    if (!hashes?.length) found.push(`Expected a hash of ${name}, got none.`);
  }
  return found;
}
