import { describe, expect, test } from '@jest/globals';
import { EXAMPLE_KEY } from './variables.js';
import { ConfigError, describeConfig, loadConfig, type Config, type Role } from './index.js';

const SERVERS = {
  MONGODB_URI: 'mongodb://app:m0ngo@db1:27017,db2:27017/callboard?replicaSet=rs0',
  RABBITMQ_URL: 'amqp://app:r4bbit@rabbitmq:5672/',
  S3_ENDPOINT: 'http://minio:9000',
  S3_ACCESS_KEY: 'minio-name',
  S3_SECRET_KEY: 'minio-secret',
  CALLBOARD_ENCRYPTION_KEY: 'VGhpcyBrZXkgaXMgb25seSBmb3IgdGhlc2UgdGVzdHM=',
};

function load(env: Record<string, string | undefined>, role: Role = 'standalone', file?: string): Config {
  return loadConfig({ role, env, file });
}

function faultsOf(
  env: Record<string, string | undefined>,
  role: Role = 'standalone',
  file?: string,
): readonly string[] {
  try {
    load(env, role, file);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('values', () => {
  test('an empty environment gives the embedded defaults', () => {
    expect(load({})).toMatchObject({
      role: 'standalone',
      host: '127.0.0.1',
      apiPort: 8080,
      workerPort: 8081,
      apidocPort: 8082,
      apiUrl: 'http://127.0.0.1:8080',
      apiSchedulerAuthUsername: 'admin',
      callboardDataDir: './data',
      generatedClientsDir: './generated-clients',
      mongodbUri: undefined,
      rabbitmqUrl: undefined,
      redisUrl: undefined,
      s3Endpoint: undefined,
      cacheTtlSeconds: 300,
      workerConcurrency: 5,
      specMaxBytes: 52_428_800,
      defaultTimeoutMs: 3_600_000,
      trustedProxies: [],
      glogsWriteStdout: true,
      glogsLogType: 'text',
      glogsLevel: 'info',
      warnings: [],
    });
  });

  test('the environment beats the file, and an empty value takes the file back', () => {
    const file = 'API_PORT=9000\nWORKER_PORT=9001\nREDIS_URL="redis://cache:6379"\n# APIDOC_PORT=9002\n';
    expect(load({ API_PORT: '9100', REDIS_URL: '' }, 'standalone', file)).toMatchObject({
      apiPort: 9100,
      workerPort: 9001,
      apidocPort: 8082,
      redisUrl: undefined,
    });
  });

  test('a configuration is frozen, lists included', () => {
    const config = load({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' });
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    for (const part of [config, config.trustedProxies, config.settings, config.warnings]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test.each([
    ['host and port', { RABBITMQ_HOST: 'rabbitmq' }, 'amqp://admin:admin123@rabbitmq:5672/'],
    [
      'odd characters are percent-encoded',
      { RABBITMQ_HOST: '::1', RABBITMQ_PORT: '5673', RABBITMQ_USERNAME: 'a b', RABBITMQ_PASSWORD: 'p@s/s' },
      'amqp://a%20b:p%40s%2Fs@[::1]:5673/',
    ],
    ['the URL wins', { RABBITMQ_HOST: 'other', RABBITMQ_URL: 'amqp://rabbitmq' }, 'amqp://rabbitmq'],
    ['a name and password alone do not make a server', { RABBITMQ_USERNAME: 'u', RABBITMQ_PASSWORD: 'p' }, undefined],
  ])('RabbitMQ is found by its parts: %s', (_, env, want) => {
    expect(load(env).rabbitmqUrl).toBe(want);
  });

  test('pairs are decoded, and may hold equals signs', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi, x-key=a=b',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging%2C%20eu',
    };
    expect(load(env)).toMatchObject({
      otelExporterOtlpHeaders: ['authorization=Basic YTpi', 'x-key=a=b'],
      otelResourceAttributes: ['deployment.environment.name=staging, eu'],
    });
  });

  test.each([
    [{ HOST: '0.0.0.0', API_PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ HOST: '::1' }, 'http://[::1]:8080'],
    [{ HOST: '10.1.2.3' }, 'http://10.1.2.3:8080'],
    [{ API_URL: 'https://api.example.com' }, 'https://api.example.com'],
  ])('apidoc with %j finds the API at %s', (env, want) => {
    expect(load(env, 'apidoc').apiUrl).toBe(want);
  });
});

describe('wrong values', () => {
  const PAIRS = 'name=value pairs joined by commas, percent-encoded where need be';
  const hidden = 'got a value that is not shown because it may hold a secret.';
  test.each([
    ['WORKER_CONCURRENCY', '0', 'Expected WORKER_CONCURRENCY to be a whole number from 1 to 1000 (calls), got "0".'],
    [
      'WORKER_CONCURRENCY',
      '1001',
      'Expected WORKER_CONCURRENCY to be a whole number from 1 to 1000 (calls), got "1001".',
    ],
    ['API_PORT', '8080.5', 'Expected API_PORT to be a whole number from 0 to 65535 (port), got "8080.5".'],
    ['API_PORT', '0x50', 'Expected API_PORT to be a whole number from 0 to 65535 (port), got "0x50".'],
    ['API_PORT', ' 80', 'Expected API_PORT to be a whole number from 0 to 65535 (port), got " 80".'],
    ['API_PORT', '1e3', 'Expected API_PORT to be a whole number from 0 to 65535 (port), got "1e3".'],
    ['GLOGS_WRITE_STDOUT', 'yes', 'Expected GLOGS_WRITE_STDOUT to be true or false, got "yes".'],
    ['GLOGS_LOG_TYPE', 'xml', 'Expected GLOGS_LOG_TYPE to be one of text, json, got "xml".'],
    ['HOST', '[::1]', 'Expected HOST to be an IP address or a host name, without brackets or port, got "[::1]".'],
    [
      'TRUSTED_PROXIES',
      '10.0.0.0/33',
      'Expected TRUSTED_PROXIES to be IP addresses or CIDR blocks joined by commas, got "10.0.0.0/33".',
    ],
    [
      'MONGODB_URI',
      'app:m0ngo@db/callboard',
      `Expected MONGODB_URI to be an address that starts with mongodb:// or mongodb+srv://, ${hidden}`,
    ],
    [
      'RABBITMQ_URL',
      'http://app:r4bbit@rabbitmq',
      `Expected RABBITMQ_URL to be an address that starts with amqp:// or amqps://, ${hidden}`,
    ],
    ['REDIS_URL', 'redis://', `Expected REDIS_URL to be an address that starts with redis:// or rediss://, ${hidden}`],
    [
      'API_SCHEDULER_AUTH_PASSWORD',
      'tab\there',
      `Expected API_SCHEDULER_AUTH_PASSWORD to be a text without control characters, ${hidden}`,
    ],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no-value', `Expected OTEL_EXPORTER_OTLP_HEADERS to be ${PAIRS}, ${hidden}`],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a b=c', `Expected OTEL_EXPORTER_OTLP_HEADERS to be ${PAIRS}, ${hidden}`],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%0D%0Ac', `Expected OTEL_EXPORTER_OTLP_HEADERS to be ${PAIRS}, ${hidden}`],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%E0%A4%A', `Expected OTEL_RESOURCE_ATTRIBUTES to be ${PAIRS}, got "a=%E0%A4%A".`],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'Expected OTEL_TRACES_SAMPLER_ARG to be a number from 0 to 1, got "1.5".'],
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'grpc',
      'Expected OTEL_EXPORTER_OTLP_PROTOCOL to be one of http/protobuf, http/json, got "grpc".',
    ],
  ])('%s=%j is refused with one sentence', (name, value, want) => {
    expect(faultsOf({ [name]: value })).toEqual([want]);
  });

  test('all faults are told at once, those of the file too', () => {
    const faults = faultsOf({ API_PORT: 'x', CACHE_TTL_SECONDS: '-1' }, 'standalone', 'GLOGS_LOG_TYPE=xml');
    expect(faults.map((fault) => fault.split(' ')[1])).toEqual(['API_PORT', 'CACHE_TTL_SECONDS', 'GLOGS_LOG_TYPE']);
    expect(() => load({ API_PORT: 'x', WORKER_PORT: 'y' })).toThrow(/API_PORT.*\n.*WORKER_PORT/);
  });

  test('unknown names of our prefixes are told, foreign ones are not', () => {
    const env = { CALLBOARD_DATADIR: 'x', GLOGS_TYPE: 'x', PATH: '/bin', CALLBOARD_SKIP_FILE: 'x' };
    expect(load(env).warnings).toEqual([
      'CALLBOARD_DATADIR is set, but there is no variable of that name.',
      'GLOGS_TYPE is set, but there is no variable of that name.',
    ]);
    expect(load({ RABBITMQ_HOST: 'a', RABBITMQ_URL: 'amqp://b' }).warnings).toEqual([
      'RABBITMQ_HOST is not used because RABBITMQ_URL is set.',
    ]);
  });

  test.each<[Role, string]>([
    ['worker', 'REDIS_URL is not set: the limits of Specs hold per worker, and so do circuit breakers.'],
    ['api', 'REDIS_URL is not set: API_RATE_LIMIT holds per API, and so do the waits after failed logins.'],
  ])('the %s beside others is told what holds for itself alone without Redis', (role, warning) => {
    const { REDIS_URL: _, ...without } = { REDIS_URL: '', ...SERVERS };
    expect(load(without, role).warnings).toEqual([warning]);
    expect(load({ ...without, REDIS_URL: 'redis://r' }, role).warnings).toEqual([]);
    expect(load({}).warnings).toEqual([]);
  });
});

describe('roles', () => {
  test.each<[Role, Record<string, string>, string[]]>([
    ['standalone', {}, []],
    ['apidoc', {}, []],
    ['api', SERVERS, []],
    ['worker', SERVERS, []],
    ['worker', { ...SERVERS, RABBITMQ_URL: '', RABBITMQ_HOST: 'rabbitmq' }, []],
    [
      'api',
      {},
      [
        'The api as a process of its own needs RABBITMQ_URL, MONGODB_URI and S3_ENDPOINT, but RABBITMQ_URL, MONGODB_URI and S3_ENDPOINT are not set.',
        'The api as a process of its own needs CALLBOARD_ENCRYPTION_KEY, the same in all: make one with `npm run keys -- new`.',
      ],
    ],
    [
      'worker',
      { ...SERVERS, S3_ENDPOINT: '' },
      [
        'The worker as a process of its own needs RABBITMQ_URL, MONGODB_URI and S3_ENDPOINT, but S3_ENDPOINT is not set.',
      ],
    ],
    [
      'standalone',
      { S3_ENDPOINT: 'http://minio:9000', S3_ACCESS_KEY: 'a' },
      ['S3_ENDPOINT is set and needs S3_ACCESS_KEY and S3_SECRET_KEY, but S3_SECRET_KEY is not set.'],
    ],
    [
      'standalone',
      { WORKER_PORT: '8080' },
      ['Expected API_PORT, WORKER_PORT and APIDOC_PORT to differ in one process, got 8080, 8080 and 8082.'],
    ],
    ['standalone', { API_PORT: '0', WORKER_PORT: '0', APIDOC_PORT: '0' }, []],
    ['worker', { ...SERVERS, WORKER_PORT: '8080' }, []],
    ['worker', { ...SERVERS, HOST: '0.0.0.0', NODE_ENV: 'production' }, []],
  ])('%s with %j is refused for %j', (role, env, want) => {
    expect(faultsOf(env, role)).toEqual(want);
  });

  test.each(['standalone', 'api', 'worker'] as const)('the %s takes no key that everybody has', (role) => {
    expect(faultsOf({ ...SERVERS, CALLBOARD_ENCRYPTION_KEY: `old:${EXAMPLE_KEY}` }, role)).toEqual([
      'Set CALLBOARD_ENCRYPTION_KEY to a key of your own, such as `npm run keys -- new` makes: the one of the example is refused.',
    ]);
  });

  test('a key that is none is refused without being told', () => {
    const faults = faultsOf({ ...SERVERS, CALLBOARD_ENCRYPTION_KEY: 'hunter2' }, 'api').join();
    expect(faults).toMatch(/^Expected CALLBOARD_ENCRYPTION_KEY to be one or several keys of 32 bytes/);
    expect(faults).not.toContain('hunter2');
  });

  test('an address that is wrong is not also called missing', () => {
    expect(faultsOf({ ...SERVERS, MONGODB_URI: 'nonsense' }, 'api')).toHaveLength(1);
  });

  test.each([
    [{ HOST: '0.0.0.0' }, 'HOST is 0.0.0.0, which others can reach'],
    [{ HOST: '::' }, 'HOST is ::, which others can reach'],
    [{ HOST: '127.0.0.1.example.com' }, 'HOST is 127.0.0.1.example.com, which others can reach'],
    [{ NODE_ENV: 'production' }, 'NODE_ENV is production'],
    [{ NODE_ENV: 'production', API_SCHEDULER_AUTH_PASSWORD: 'admin123' }, 'NODE_ENV is production'],
    [{ HOST: '127.8.8.8' }, undefined],
    [{ HOST: 'localhost' }, undefined],
    [{ HOST: '::1' }, undefined],
    [{ HOST: '0.0.0.0', NODE_ENV: 'production', API_SCHEDULER_AUTH_PASSWORD: 'my own' }, undefined],
  ])('with %j the shipped password is refused because %s', (env, reason) => {
    const want = `Set API_SCHEDULER_AUTH_PASSWORD to a password of your own: the shipped one is refused because ${reason ?? ''}.`;
    expect(faultsOf(env)).toEqual(reason === undefined ? [] : [want]);
  });
});

describe('the start-up dump', () => {
  test('shows no secret, nor any part of one', () => {
    const config = load({
      ...SERVERS,
      API_SCHEDULER_AUTH_PASSWORD: 'sesame',
      REDIS_URL: 'redis://:r3d1s@cache:6379/0',
      MONGODB_URI: 'mongodb://app:p@ss/w?rd@db/callboard?authMechanismProperties=AWS_SESSION_TOKEN:t0ken',
      API_URL: 'https://t0ken@api/?api_key=t0ken&x=1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:t0ken@collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'x=t0ken',
    });
    const dump = describeConfig(config).join('\n');
    expect(dump).not.toMatch(/sesame|r3d1s|r4bbit|p@ss|rd@|t0ken|minio-secret|minio-name/);
    expect(dump).toContain('* RABBITMQ_URL=amqp://app:***@rabbitmq:5672/');
    expect(dump).toContain('* REDIS_URL=redis://:***@cache:6379/0');
    expect(dump).toContain('* API_URL=https://***@api/?api_key=***&x=1');
    expect(dump).toContain('* API_SCHEDULER_AUTH_PASSWORD=***\n');
    expect(dump).toContain('* S3_SECRET_KEY=***\n');
  });

  test('marks what differs from the default and tells what unset means', () => {
    const lines = describeConfig(load({ WORKER_CONCURRENCY: '8', API_PORT: '8080', TRUSTED_PROXIES: '10.0.0.1' }));
    expect(lines[0]).toBe('Configuration of standalone (* differs from the default):');
    expect(lines).toContain('* WORKER_CONCURRENCY=8 (default 5)');
    expect(lines).toContain('  API_PORT=8080');
    expect(lines).toContain('  API_URL=http://127.0.0.1:8080');
    expect(lines).toContain('* TRUSTED_PROXIES=10.0.0.1 (default none)');
    expect(lines).toContain('  MONGODB_URI is unset: an embedded database under CALLBOARD_DATA_DIR');
  });

  test('leaves out what the role does not use', () => {
    const dump = describeConfig(load({}, 'apidoc')).join('\n');
    expect(dump).toContain('APIDOC_PORT=8082');
    expect(dump).not.toMatch(/MONGODB_URI|AUTH_PASSWORD|WORKER_CONCURRENCY/);
  });
});

describe('outgoing calls', () => {
  test.each([
    [{}, 'allow'],
    [{ NODE_ENV: 'test' }, 'allow'],
    [{ NODE_ENV: 'production' }, 'deny'],
    [{ NODE_ENV: 'production', EGRESS_PRIVATE: 'allow' }, 'allow'],
    [{ EGRESS_PRIVATE: 'deny' }, 'deny'],
  ])('with %j private networks are to %s', (env, want) => {
    expect(load({ API_SCHEDULER_AUTH_PASSWORD: 'my own', ...env }).egressPrivate).toBe(want);
  });

  test('certificate checks cannot be switched off', () => {
    expect(faultsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      'Expected NODE_TLS_REJECT_UNAUTHORIZED to be anything but 0, since certificate checks cannot be switched off (EXTRA_CA trusts an authority of yours), got "0".',
    ]);
    expect(faultsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([]);
  });

  test.each([
    ['EGRESS_ALLOW', 'a.example, *.b.example,10.0.0.0/8,::1'],
    ['EGRESS_DENY', 'münchen.example,internal'],
    ['EGRESS_PORTS', '80, 443'],
    ['NO_PROXY', '*'],
    ['NO_PROXY', '.example.com,localhost,10.0.0.0/8,intern:8080'],
  ])('%s may be %s', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([]);
  });

  test.each([
    ['EGRESS_ALLOW', '10.0.0.0/33'],
    ['EGRESS_ALLOW', '10.0.0'],
    ['EGRESS_ALLOW', 'http://a.example'],
    ['EGRESS_DENY', 'a b'],
    ['EGRESS_DENY', 'a,,b'],
    ['EGRESS_PORTS', '0'],
    ['EGRESS_PORTS', '65536'],
    ['HTTPS_PROXY', 'socks5://proxy'],
  ])('%s must not be %s', (name, value) => {
    expect(faultsOf({ [name]: value })).toHaveLength(1);
  });
});
