/**
 * npm run check:audit: no package, of those for development too, has a known vulnerability that is high or critical and
 * not accepted (accepted.ts). A registry that cannot be asked is told of and fails nothing: what it would say is not
 * known then. What is accepted of a version that is not locked any more fails in any case.
 */
import { spawnSync } from 'node:child_process';
import { ACCEPTED } from './accepted.ts';
import { judge, outdated } from './judge.ts';
import { lockedPackages, root } from './lock.mjs';

const TIMEOUT_MS = 60_000;

const locked = lockedPackages();
const faults = outdated(ACCEPTED, locked);
for (const { name, version, mendedBy, advisory, reason, keptBy } of ACCEPTED) {
  console.log(`Accepted in ${name} ${version}, until ${mendedBy} can be had: ${advisory}. ${reason}`);
  for (const { file, test } of keptBy) console.log(`  kept so by ${file}: ${test}`);
}

const { stdout, error } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: TIMEOUT_MS });
const report = error ? { error: { summary: error.message } } : read(stdout);
if (report.metadata === undefined || report.vulnerabilities === undefined) {
  const reason = report.message ?? report.error?.summary ?? report.error?.detail ?? 'no answer';
  console.log(`Not audited: the registry cannot be asked here (${String(reason).split('\n')[0]}).`);
} else {
  const counts = Object.entries(report.metadata.vulnerabilities);
  console.log(`Known vulnerabilities: ${counts.map(([level, count]) => `${count} ${level}`).join(', ')}.`);
  const judged = judge(report, ACCEPTED, locked);
  for (const each of judged.borne) console.log(`Found and accepted: ${each}`);
  faults.push(...judged.faults);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() || 'no answer' };
  }
}
