/**
 * The design's rule as errors: apps -> {scheduling, openapi, client-runtime, adapters, config, observability} -> core,
 * adapters -> encryption -> core, and adapters -> consumer, which stands on its own.
 */
const lib = (names) => `^libs/(${names})/`;

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-nothing-of-ours',
      severity: 'error',
      from: { path: lib('core'), pathNot: '[.-]spec\\.ts$' },
      to: { path: '^(apps|libs/(?!core/))' },
    },
    {
      name: 'core-has-no-io',
      comment: 'node:crypto is a source of randomness and hashes, not I/O.',
      severity: 'error',
      from: { path: lib('core'), pathNot: '[.-]spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: '^(node:)?(crypto|events|stream|stream/promises)$' },
    },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'leaf-libs-import-only-core',
      severity: 'error',
      from: { path: '^libs/(openapi|client-runtime|config|observability|encryption)/', pathNot: '[.-]spec\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/core/index\\.ts$', '^libs/$1/'] },
    },
    {
      name: 'consumer-imports-nothing-of-ours',
      comment: 'It is a package of its own; of others it knows amqplib alone.',
      severity: 'error',
      from: { path: lib('consumer'), pathNot: '[.-]spec\\.ts$' },
      to: { path: '^(apps|libs/(?!consumer/)|node_modules/(?!(@types/)?amqplib/))' },
    },
    {
      name: 'adapters-import-core-consumer-encryption-and-config',
      severity: 'error',
      from: { path: lib('adapters'), pathNot: '([.-]spec|[.]test-kit)\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/(core|config|consumer|encryption)/index\\.ts$', '^libs/adapters/'] },
    },
    {
      name: 'scheduling-imports-runtime-and-openapi',
      severity: 'error',
      from: { path: lib('scheduling'), pathNot: '[.-]spec\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/(core|client-runtime|openapi)/index\\.ts$', '^libs/scheduling/'] },
    },
    {
      name: 'pure-libs-know-no-backend',
      severity: 'error',
      from: { path: lib('core|openapi|client-runtime|scheduling'), pathNot: '[.-]spec\\.ts$' },
      to: { path: 'node_modules/(mongoose|mongodb|amqplib|ioredis|libsql|@aws-sdk|@nestjs)/' },
    },
    {
      name: 'across-libs-only-the-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/index\\.ts$', '^$1/$2/'] },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['([.-]spec|[.]test-kit)\\.ts$', '^libs/testing/'] },
      to: { path: lib('testing') },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '[.-]spec\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['callboard-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
    exclude: { path: '^(dist|generated-clients)' },
  },
};
