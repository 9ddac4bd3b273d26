import type { SuiteEntry } from './suite.js';

/** All suites by name, in the order in which they run. */
export const SUITES: Readonly<Record<string, SuiteEntry>> = {
  documents: { wanted: 150, load: () => import('./documents/index.js') },
};
