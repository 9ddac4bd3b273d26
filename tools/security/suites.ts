import type { SuiteEntry } from './suite.js';

/** All suites by name, in the order in which they run. */
export const SUITES: Readonly<Record<string, SuiteEntry>> = {
  ssrf: { wanted: 500, load: () => import('./ssrf/index.js') },
  documents: { wanted: 150, load: () => import('./documents/index.js') },
  secrets: { wanted: 1_000_000, load: () => import('./secrets/index.js') },
  'secrets-distributed': { wanted: 1_000_000, load: () => import('./secrets/on-servers.js') },
  requests: { wanted: 1_000, load: () => import('./requests/index.js') },
  tenants: { wanted: 500, load: () => import('./tenants/index.js') },
};
