/** Three sizes of test by suffix: .spec (pure or embedded), .int-spec (real servers), .e2e-spec (whole system over HTTP). */
export default {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test', '<rootDir>/tools'],
  testRegex: String.raw`\.(spec|int-spec|e2e-spec)\.ts$`,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['callboard-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', {}] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/generated-clients/', '<rootDir>/data/'],
  testTimeout: 20_000,
  globalTeardown: '<rootDir>/test/setup/leave.mjs',
};
