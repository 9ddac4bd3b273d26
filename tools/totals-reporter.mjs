import { writeFileSync } from 'node:fs';

/** A jest reporter that leaves the run's totals in the file it is told of, for the closing line of npm test. */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const totals = {
      passed: results.numPassedTests,
      // A file that could not be run at all has failed, though no test in it has.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(process.env.CALLBOARD_TOTALS_FILE, JSON.stringify(totals));
  }
}
