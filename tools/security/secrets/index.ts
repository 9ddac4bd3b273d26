import type { SuiteReport, Tell } from '../suite.js';
import type { Mode } from './setting.js';
import { searchStandalone } from './standalone.js';
import { searchStarts } from './starts.js';

/** The ways in which a log is written, and headers are shown. */
const MODES: readonly Mode[] = [
  { GLOGS_LOG_TYPE: 'text', GLOGS_LEVEL: 'trace', HEADERS_IN_RESPONSES: 'plain' },
  { GLOGS_LOG_TYPE: 'json', GLOGS_LEVEL: 'trace', HEADERS_IN_RESPONSES: 'masked' },
  { GLOGS_LOG_TYPE: 'json', GLOGS_LEVEL: 'error', HEADERS_IN_RESPONSES: 'plain' },
];

/**
 * Marked secrets in every place that takes one, given to a standalone Callboard whose service goes wrong in every way and
 * whose every operation is asked; then all that was written, told and answered is searched for them. Answers that may hold
 * some are a Spec's or a process's own fields, and what the service itself answered.
 */
export async function run(tell: Tell): Promise<SuiteReport> {
  const reports: Omit<SuiteReport, 'name'>[] = [];
  const before = () => reports.reduce((sum, { tried }) => sum + tried, 0);
  for (const mode of MODES) reports.push(await searchStandalone(mode, (tried) => tell(before() + tried)));
  reports.push(await searchStarts((tried) => tell(before() + tried)));
  const failures = reports.flatMap((report) => report.failures);
  return { name: 'secrets', tried: before(), through: failures.length, failures };
}
