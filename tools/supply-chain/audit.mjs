/**
 * npm run check:audit: no package, of those for development too, has a known vulnerability that is high or critical. A
 * registry that cannot be asked is told of and fails nothing: what it would say is not known then.
 */
import { spawnSync } from 'node:child_process';
import { root } from './lock.mjs';

const TIMEOUT_MS = 60_000;
const BAD = ['high', 'critical'];

const { stdout, error } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: TIMEOUT_MS });
const report = error ? { error: { summary: error.message } } : read(stdout);
if (report.metadata === undefined) {
  const reason = report.message ?? report.error?.summary ?? report.error?.detail ?? 'no answer';
  console.log(`Not audited: the registry cannot be asked here (${String(reason).split('\n')[0]}).`);
} else {
  const counts = report.metadata.vulnerabilities;
  console.log(
    `Known vulnerabilities: ${Object.entries(counts)
      .map(([level, count]) => `${count} ${level}`)
      .join(', ')}.`,
  );
  for (const { name, severity, range } of Object.values(report.vulnerabilities ?? {})) {
    if (BAD.includes(severity)) console.error(`${name} ${range}: ${severity}`);
  }
  process.exitCode = BAD.some((level) => counts[level] > 0) ? 1 : 0;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() || 'no answer' };
  }
}
