import { EDGE_VARIABLES } from './edge-variables.js';
import { EGRESS_VARIABLES } from './egress-variables.js';
import { address, boolean, choice, integer, networks, pairs, text } from './variable.js';
import type { Role } from './variable.js';

const ALL: readonly Role[] = ['standalone', 'api', 'worker', 'apidoc'];
const API: readonly Role[] = ['standalone', 'api'];
const WORKER: readonly Role[] = ['standalone', 'worker'];
const APIDOC: readonly Role[] = ['standalone', 'apidoc'];
const API_AND_WORKER: readonly Role[] = ['standalone', 'api', 'worker'];

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
/** A body is held as one text while it is read; twice this is about as long as a text can be. */
const LONGEST_BODY = 256 * MIB;

const LONGEST_RETENTION_DAYS = 36_500;
const MOST_RETAINED_BYTES = 1024 * 1024 * GIB;

/** What ships in `.env`: fit for one's own machine, refused where others can reach it. */
export const SHIPPED_PASSWORD = 'admin123';

/** What ships in `.env` as an example: refused everywhere, since everybody has it. */
export const EXAMPLE_KEY = 'YW4gZXhhbXBsZSB0aGF0IGV2ZXJ5Ym9keSBrbm93cyE=';

/** Every variable that the service reads. `.env` and the table in docs/operations.md are made from this. */
export const VARIABLES = {
  HOST: text({
    section: 'Addresses',
    roles: ALL,
    default: '127.0.0.1',
    shape: /^[A-Za-z0-9._:-]+$/,
    expected: 'an IP address or a host name, without brackets or port',
    description:
      'The address to listen on. 0.0.0.0 or :: means every network of the machine, which needs a password of your own.',
  }),
  API_PORT: integer({
    section: 'Addresses',
    roles: ['standalone', 'api', 'apidoc'],
    default: 8080,
    min: 0,
    max: 65535,
    unit: 'port',
    description: 'Where the API listens. 0 takes any free port.',
  }),
  WORKER_PORT: integer({
    section: 'Addresses',
    roles: WORKER,
    default: 8081,
    min: 0,
    max: 65535,
    unit: 'port',
    description: 'Where the worker answers its ping and health. 0 takes any free port.',
  }),
  APIDOC_PORT: integer({
    section: 'Addresses',
    roles: APIDOC,
    default: 8082,
    min: 0,
    max: 65535,
    unit: 'port',
    description: 'Where the API documentation (Swagger UI) listens. 0 takes any free port.',
  }),
  API_URL: address({
    section: 'Addresses',
    roles: APIDOC,
    schemes: ['http', 'https'],
    whenUnset: 'the API on this machine, at API_PORT',
    example: 'http://api:8080',
    description: 'Where apidoc finds the API, to which it passes the calls that are tried out from its page.',
  }),
  TRUSTED_PROXIES: networks({
    section: 'Addresses',
    roles: ALL,
    default: [] as readonly string[],
    description:
      'Proxies that are believed when they tell the address of a caller (FORWARDED_FOR): IP addresses and CIDR blocks joined by commas.',
  }),

  ...EDGE_VARIABLES,
  ...EGRESS_VARIABLES,

  API_SCHEDULER_AUTH_USERNAME: text({
    section: 'Access',
    roles: API,
    default: 'admin',
    shape: /^[^:\p{Cc}]+$/u,
    expected: 'a name without a colon or control characters',
    description: 'The user name of Basic Auth, which the API asks for on everything but its ping.',
  }),
  API_SCHEDULER_AUTH_PASSWORD: text({
    section: 'Access',
    roles: API,
    default: SHIPPED_PASSWORD,
    shape: /^\P{Cc}+$/u,
    expected: 'a text without control characters',
    secret: true,
    description:
      'The password of Basic Auth. The shipped one is refused when HOST is beyond loopback and when NODE_ENV is production.',
  }),
  API_USERS_FILE: text({
    section: 'Access',
    roles: API,
    whenUnset: 'API_SCHEDULER_AUTH_USERNAME is the only user',
    example: '/etc/callboard/users',
    description:
      'A file of further users of Basic Auth, one a line: `name:password hash:role:projects`. `npm run user` writes it; it is read when the API starts.',
  }),
  NODE_ENV: text({
    section: 'Access',
    roles: API_AND_WORKER,
    whenUnset: 'a machine for development',
    example: 'production',
    description:
      'With `production` the shipped password is refused wherever the API listens, and private networks are not called.',
  }),

  METRICS_TOKEN: text({
    section: 'Access',
    roles: ALL,
    shape: /^[\x21-\x7e]{1,256}$/,
    expected: 'up to 256 visible ASCII characters',
    secret: true,
    whenUnset: 'health and metrics are open',
    example: 'a-long-random-text',
    description:
      'The bearer token that health and metrics ask for. Whether a process lives is told without it; the API also takes its user name and password.',
  }),

  CALLBOARD_ENCRYPTION_KEY: text({
    section: 'Encryption',
    roles: API_AND_WORKER,
    shape: /^\s*([\w-]{1,32}:)?[A-Za-z0-9+/]{43}=(\s*,\s*([\w-]{1,32}:)?[A-Za-z0-9+/]{43}=)*\s*$/,
    expected:
      'one or several keys of 32 bytes in base64 joined by commas, each with a name and a colon before it if you like',
    secret: true,
    whenUnset:
      'a standalone process uses the file callboard.key in CALLBOARD_DATA_DIR, which it makes; the others need it',
    example: EXAMPLE_KEY,
    description:
      'What everything confidential is encrypted with where it is kept. The first key encrypts, the others only read. `npm run keys -- new` makes one.',
  }),

  HEADERS_IN_RESPONSES: choice({
    section: 'Access',
    roles: API,
    default: 'plain',
    choices: ['plain', 'masked'],
    description:
      'Whether the values of headers that were given with Specs and processes are shown to those who may change them (scope manage or admin), or `masked` (xxxx) for all. A masked value that is sent back means: as it was.',
  }),

  CALLBOARD_DATA_DIR: text({
    section: 'Folders',
    roles: API_AND_WORKER,
    default: './data',
    description: 'Where the embedded backends keep their data. Made when it is missing.',
  }),
  GENERATED_CLIENTS_DIR: text({
    section: 'Folders',
    roles: WORKER,
    default: './generated-clients',
    description: 'Where workers write a copy of each generated client for people to read. Made when it is missing.',
  }),

  MONGODB_URI: address({
    section: 'Backends',
    roles: API_AND_WORKER,
    schemes: ['mongodb', 'mongodb+srv'],
    hosts: 'many',
    whenUnset: 'an embedded database under CALLBOARD_DATA_DIR',
    example: 'mongodb://127.0.0.1:27017/callboard',
    description: 'The MongoDB that keeps Specs, processes, responses and logs.',
  }),
  RABBITMQ_URL: address({
    section: 'Backends',
    roles: API_AND_WORKER,
    schemes: ['amqp', 'amqps'],
    whenUnset: 'what RABBITMQ_HOST says, else an embedded bus',
    example: 'amqp://guest:guest@127.0.0.1:5672/',
    description: 'The RabbitMQ that carries messages between the API and the workers.',
  }),
  RABBITMQ_HOST: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    whenUnset: 'RABBITMQ_URL alone decides',
    example: 'rabbitmq',
    shape: /^[A-Za-z0-9._:-]+$/,
    expected: 'an IP address or a host name, without brackets or port',
    description: 'The host of RabbitMQ, for use with the next three instead of RABBITMQ_URL.',
  }),
  RABBITMQ_PORT: integer({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: 5672,
    min: 1,
    max: 65535,
    unit: 'port',
    description: 'The port of RabbitMQ on RABBITMQ_HOST.',
  }),
  RABBITMQ_USERNAME: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: 'admin',
    description: 'The user name for RABBITMQ_HOST.',
  }),
  RABBITMQ_PASSWORD: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: SHIPPED_PASSWORD,
    secret: true,
    description: 'The password for RABBITMQ_HOST.',
  }),
  RABBITMQ_PREFIX: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: 'callboard',
    shape: /^[A-Za-z0-9._-]{1,100}$/,
    expected: '1 to 100 characters of [A-Za-z0-9._-]',
    description: 'What the names of our queues start with, so that installations can share a RabbitMQ.',
  }),
  REDIS_URL: address({
    section: 'Backends',
    roles: API_AND_WORKER,
    schemes: ['redis', 'rediss'],
    whenUnset: 'an embedded cache in memory, and each process counts for itself',
    example: 'redis://127.0.0.1:6379/0',
    description:
      'The Redis that keeps responses for reuse, and what processes count together: starts under limits of Specs, circuit breakers, failed logins, requests under API_RATE_LIMIT.',
  }),
  S3_ENDPOINT: address({
    section: 'Backends',
    roles: API_AND_WORKER,
    schemes: ['http', 'https'],
    whenUnset: 'files under CALLBOARD_DATA_DIR',
    example: 'http://127.0.0.1:9000',
    description: 'The S3 store (MinIO, AWS and others) that keeps documents, and bodies and responses above 64 KiB.',
  }),
  S3_REGION: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: 'us-east-1',
    description: 'The region of the S3 store; MinIO takes any.',
  }),
  S3_BUCKET: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    default: 'callboard',
    shape: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    expected: '3 to 63 of the characters a-z, 0-9, dot and hyphen',
    description: 'The bucket in the S3 store. Made when it is missing.',
  }),
  S3_ACCESS_KEY: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    whenUnset: 'none, but S3_ENDPOINT needs it',
    example: 'minioadmin',
    secret: true,
    description: 'The name of the key to the S3 store.',
  }),
  S3_SECRET_KEY: text({
    section: 'Backends',
    roles: API_AND_WORKER,
    whenUnset: 'none, but S3_ENDPOINT needs it',
    example: 'minioadmin',
    secret: true,
    description: 'The secret part of the key to the S3 store.',
  }),

  CACHE_TTL_SECONDS: integer({
    section: 'Cache',
    roles: WORKER,
    default: 300,
    min: 0,
    max: 31_536_000,
    unit: 'seconds',
    description:
      'How long an answer may be reused for equal calls when neither the call nor the answer says. 0 keeps none of those.',
  }),
  CACHE_MAX_BYTES: integer({
    section: 'Cache',
    roles: WORKER,
    default: 64 * MIB,
    min: MIB,
    max: 64 * GIB,
    unit: 'bytes',
    description: 'How much memory the embedded cache may take; the least recently used answers go first.',
  }),

  WORKER_CONCURRENCY: integer({
    section: 'Work',
    roles: WORKER,
    default: 5,
    min: 1,
    max: 1000,
    unit: 'calls',
    description: 'How many calls one worker makes at the same time.',
  }),
  GENERATOR_CONCURRENCY: integer({
    section: 'Work',
    roles: WORKER,
    default: 1,
    min: 1,
    max: 16,
    unit: 'documents',
    description: 'How many clients one worker generates at the same time, beside its calls.',
  }),
  GENERATOR_HEAP_MB: integer({
    section: 'Work',
    roles: API_AND_WORKER,
    default: 1024,
    min: 128,
    max: 65_536,
    unit: 'MiB',
    description: 'How much heap the child process that reads one document may take.',
  }),
  GENERATOR_TIMEOUT_SECONDS: integer({
    section: 'Work',
    roles: API_AND_WORKER,
    default: 300,
    min: 5,
    max: 3600,
    unit: 'seconds',
    description: 'How long generating one client may take before it ends in ERROR.',
  }),
  RETRY_ATTEMPTS: integer({
    section: 'Work',
    roles: WORKER,
    default: 3,
    min: 1,
    max: 100,
    unit: 'calls',
    description:
      'How many calls of one process are made in all when they fail for a reason that may pass. 1: none is made again.',
  }),
  RETRY_FIRST_PAUSE_MS: integer({
    section: 'Work',
    roles: WORKER,
    default: 500,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    description: 'The longest pause before the second call; it doubles with each further one.',
  }),
  RETRY_LONGEST_PAUSE_SECONDS: integer({
    section: 'Work',
    roles: WORKER,
    default: 60,
    min: 0,
    max: 86_400,
    unit: 'seconds',
    description: 'The longest pause between two calls, unless the service asks for a longer one.',
  }),
  RETRY_AFTER_MAX_SECONDS: integer({
    section: 'Work',
    roles: WORKER,
    default: 3600,
    min: 0,
    max: 604_800,
    unit: 'seconds',
    description: 'How long a service may ask to be left alone (Retry-After) before its process ends in ERROR.',
  }),
  LEASE_SECONDS: integer({
    section: 'Work',
    roles: WORKER,
    default: 30,
    min: 3,
    max: 3600,
    unit: 'seconds',
    description:
      "How long a worker's claim lasts unless renewed: the time until another takes over from one that died.",
  }),
  RECONCILE_SECONDS: integer({
    section: 'Work',
    roles: WORKER,
    default: 5,
    min: 1,
    max: 3600,
    unit: 'seconds',
    description: 'How often the database is searched for work that is due and that nobody holds.',
  }),
  JAVA_HOME: text({
    section: 'Work',
    roles: API_AND_WORKER,
    whenUnset: 'the `java` on the PATH, if there is one',
    example: '/usr/lib/jvm/default-java',
    description: 'The Java (11 or newer) that makes SDKs. Nothing else needs one.',
  }),
  OPENAPI_GENERATOR_JAR: text({
    section: 'Work',
    roles: API_AND_WORKER,
    whenUnset: 'the one in OPENAPI_GENERATOR_CACHE, if there is one',
    example: '/opt/openapi-generator-cli-7.25.0.jar',
    description: 'The jar of OpenAPI Generator that makes SDKs; its checksum must be the known one.',
  }),
  OPENAPI_GENERATOR_CACHE: text({
    section: 'Work',
    roles: API_AND_WORKER,
    whenUnset: '~/.cache/callboard-openapi-generator',
    example: '/var/cache/callboard-openapi-generator',
    description: 'The folder in which `node tools/openapi-generator.mjs` keeps the jar that it fetches.',
  }),
  SDK_HEAP_MB: integer({
    section: 'Work',
    roles: WORKER,
    default: 1024,
    min: 128,
    max: 65_536,
    unit: 'MiB',
    description: 'How much heap making one SDK may take, both in Java and in the process that prepares the document.',
  }),
  SDK_TIMEOUT_SECONDS: integer({
    section: 'Work',
    roles: WORKER,
    default: 300,
    min: 5,
    max: 3600,
    unit: 'seconds',
    description: 'How long making one SDK may take before it ends in ERROR.',
  }),
  SHUTDOWN_SECONDS: integer({
    section: 'Work',
    roles: ALL,
    default: 10,
    min: 0,
    max: 3600,
    unit: 'seconds',
    description: 'How long a process that is told to stop may take to finish what it has begun.',
  }),

  BREAKER_FAILURES: integer({
    section: 'Limits',
    roles: WORKER,
    default: 20,
    min: 0,
    max: 1_000_000,
    unit: 'calls',
    description:
      'After how many failed calls in a row (no answer, or a 5xx) the calls of a service wait until a probe succeeds. 0 for never.',
  }),
  BREAKER_OPEN_SECONDS: integer({
    section: 'Limits',
    roles: WORKER,
    default: 5,
    min: 1,
    max: 3_600,
    unit: 'seconds',
    description: 'How long they wait until the first probe; doubles with each that fails, up to 60 seconds.',
  }),
  DEFAULT_TIMEOUT_MS: integer({
    section: 'Limits',
    roles: WORKER,
    default: 3_600_000,
    min: 1,
    max: 86_400_000,
    unit: 'milliseconds',
    description: 'How long a whole call may take when it does not say.',
  }),
  CONNECT_TIMEOUT_MS: integer({
    section: 'Limits',
    roles: WORKER,
    default: 10_000,
    min: 1,
    max: 600_000,
    unit: 'milliseconds',
    description: 'How long a connection to a service may take to open, its TLS handshake included.',
  }),
  HEADERS_TIMEOUT_MS: integer({
    section: 'Limits',
    roles: WORKER,
    default: 0,
    min: 0,
    max: 86_400_000,
    unit: 'milliseconds',
    description:
      'How long a service may take until its answer begins. 0 sets no limit but that of the whole call, as slow services need it.',
  }),
  BODY_TIMEOUT_MS: integer({
    section: 'Limits',
    roles: WORKER,
    default: 300_000,
    min: 0,
    max: 86_400_000,
    unit: 'milliseconds',
    description: 'How long an answer that has begun may pause. 0 sets no limit but that of the whole call.',
  }),
  SPEC_MAX_BYTES: integer({
    section: 'Limits',
    roles: API_AND_WORKER,
    default: 50 * MIB,
    min: KIB,
    max: LONGEST_BODY,
    unit: 'bytes',
    description: 'The largest OpenAPI document that is accepted (before base64, which adds a third).',
  }),
  BODY_MAX_BYTES: integer({
    section: 'Limits',
    roles: API,
    default: 10 * MIB,
    min: KIB,
    max: LONGEST_BODY,
    unit: 'bytes',
    description: 'The largest request body that is accepted where no document is sent.',
  }),
  RESPONSE_MAX_BYTES: integer({
    section: 'Limits',
    roles: WORKER,
    default: GIB,
    min: KIB,
    max: 1024 * GIB,
    unit: 'bytes',
    description: 'The largest answer of a service that is kept; a call with a larger one ends in ERROR.',
  }),
  RESPONSE_MAX_RATIO: integer({
    section: 'Limits',
    roles: WORKER,
    default: 500,
    min: 1,
    max: 1_000_000,
    unit: 'times',
    description:
      'How many times as long as it came an answer may be once its content coding is undone, above 16 MiB; a call with one that grows more ends in ERROR.',
  }),
  SDK_MAX_BYTES: integer({
    section: 'Limits',
    roles: WORKER,
    default: 256 * MIB,
    min: MIB,
    max: 64 * GIB,
    unit: 'bytes',
    description: 'The largest SDK that is made, before it is packed; a larger one ends in ERROR.',
  }),

  MAX_REQUESTS_IN_FLIGHT: integer({
    section: 'Limits',
    roles: API,
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: 'requests',
    description: 'How many requests one API answers at the same time; beyond it they get a 503 before they are read.',
  }),
  MAX_BODIES_BYTES: integer({
    section: 'Limits',
    roles: API,
    default: 256 * MIB,
    min: MIB,
    max: 64 * GIB,
    unit: 'bytes',
    description:
      'How large the bodies of all requests under way may be together; beyond it they get a 503. A body that is alone may always be as large as BODY_MAX_BYTES or SPEC_MAX_BYTES say.',
  }),
  MAX_PENDING_PROCESSES: integer({
    section: 'Limits',
    roles: API,
    default: 1_000_000,
    min: 0,
    max: 1_000_000_000,
    unit: 'processes',
    description:
      'How many processes of the installation may not have ended; beyond it new ones get a 503. Counted every few seconds. 0 sets no limit.',
  }),
  MAX_PENDING_PER_PROJECT: integer({
    section: 'Limits',
    roles: API,
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: 'processes',
    description:
      'How many of them may be of one project; beyond it that project gets a 503. 0: half of MAX_PENDING_PROCESSES, as soon as there are projects beside the default one.',
  }),
  MAX_EVENT_STREAMS: integer({
    section: 'Limits',
    roles: API,
    default: 1_000,
    min: 0,
    max: 100_000,
    unit: 'streams',
    description: 'How many clients of one API may follow processes by event streams at once; beyond it they get a 503.',
  }),

  RETAIN_PROCESSES_DAYS: integer({
    section: 'Retention',
    roles: WORKER,
    default: 30,
    min: 0,
    max: LONGEST_RETENTION_DAYS,
    unit: 'days',
    description: 'How long a process is kept after it has ended. 0: no age is too old.',
  }),
  RETAIN_PROCESSES_BYTES: integer({
    section: 'Retention',
    roles: WORKER,
    default: 2 * GIB,
    min: 0,
    max: MOST_RETAINED_BYTES,
    unit: 'bytes',
    description:
      'How much all processes with their requests, responses and lists of calls may take, blobs included and 1 KiB beside each; beyond it those that were accepted first go first, once they have ended. 0 sets no limit.',
  }),
  RETAIN_RESPONSES_DAYS: integer({
    section: 'Retention',
    roles: WORKER,
    default: 7,
    min: 0,
    max: LONGEST_RETENTION_DAYS,
    unit: 'days',
    description:
      'How long the response of a process is kept after it has ended; the process itself may stay longer. 0: as long as the process.',
  }),
  RETAIN_RESPONSES_BYTES: integer({
    section: 'Retention',
    roles: WORKER,
    default: GIB,
    min: 0,
    max: MOST_RETAINED_BYTES,
    unit: 'bytes',
    description:
      'How much all responses may take, blobs included; the oldest go first. 0 sets no limit but that of processes.',
  }),
  RETAIN_LOGS_DAYS: integer({
    section: 'Retention',
    roles: WORKER,
    default: 7,
    min: 0,
    max: LONGEST_RETENTION_DAYS,
    unit: 'days',
    description: 'How long records of the log are kept in the database. 0: no age is too old.',
  }),
  RETAIN_LOGS_BYTES: integer({
    section: 'Retention',
    roles: WORKER,
    default: 256 * MIB,
    min: 0,
    max: MOST_RETAINED_BYTES,
    unit: 'bytes',
    description: 'How much records of the log may take in the database; the oldest go first. 0 sets no limit.',
  }),
  RETAIN_ARCHIVES_DAYS: integer({
    section: 'Retention',
    roles: WORKER,
    default: 90,
    min: 0,
    max: LONGEST_RETENTION_DAYS,
    unit: 'days',
    description:
      'How long is kept what is no longer in use: deleted Specs, superseded versions, SDKs since they were made, uploads since they came. 0: no age is too old.',
  }),
  RETAIN_ARCHIVES_BYTES: integer({
    section: 'Retention',
    roles: WORKER,
    default: GIB,
    min: 0,
    max: MOST_RETAINED_BYTES,
    unit: 'bytes',
    description: 'How much of that may be kept; the oldest goes first, but nothing of the last day. 0 sets no limit.',
  }),
  RETAIN_AUDIT_DAYS: integer({
    section: 'Retention',
    roles: WORKER,
    default: 365,
    min: 0,
    max: LONGEST_RETENTION_DAYS,
    unit: 'days',
    description: 'How long the audit log remembers an action. 0: no age is too old.',
  }),

  GLOGS_WRITE_STDOUT: boolean({
    section: 'Logs',
    roles: ALL,
    default: true,
    description: 'Whether logs are written to standard output.',
  }),
  GLOGS_INSERT_MONGODB: boolean({
    section: 'Logs',
    roles: API_AND_WORKER,
    default: true,
    description: 'Whether log records are also kept in MongoDB, or in the embedded database when MONGODB_URI is unset.',
  }),
  GLOGS_LOG_TYPE: choice({
    section: 'Logs',
    roles: ALL,
    default: 'text',
    choices: ['text', 'json'],
    description: 'The layout of logs on standard output: `text` for people, `json` for machines.',
  }),
  GLOGS_LEVEL: choice({
    section: 'Logs',
    roles: ALL,
    default: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    description: 'The least severe level that is logged.',
  }),
  GLOGS_BODY_MAX_BYTES: integer({
    section: 'Logs',
    roles: ALL,
    default: 4 * KIB,
    min: 0,
    max: MIB,
    unit: 'bytes',
    description: 'How much of a request or message body a log record holds. 0 logs no bodies.',
  }),
  GLOGS_BUFFER_RECORDS: integer({
    section: 'Logs',
    roles: API_AND_WORKER,
    default: 10_000,
    min: 100,
    max: 1_000_000,
    unit: 'records',
    description:
      'How many log records wait in memory for the database. When they are too many, further ones are counted and left out; no request waits for them.',
  }),

  OTEL_EXPORTER_OTLP_ENDPOINT: address({
    section: 'Tracing',
    roles: API_AND_WORKER,
    schemes: ['http', 'https'],
    whenUnset: 'no traces are made, and those of callers passed on',
    example: 'http://127.0.0.1:4318',
    description: 'Where traces go by OTLP over HTTP: a collector, Jaeger and others. `/v1/traces` is added to it.',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: choice({
    section: 'Tracing',
    roles: API_AND_WORKER,
    default: 'http/protobuf',
    choices: ['http/protobuf', 'http/json'],
    description: 'How traces are encoded on their way.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: pairs({
    section: 'Tracing',
    roles: API_AND_WORKER,
    names: /^[\w!#$%&'*+.^`|~-]+$/,
    secret: true,
    whenUnset: 'none',
    example: 'api-key=secret',
    description: 'Headers that traces are sent with, such as a key.',
  }),
  OTEL_EXPORTER_OTLP_TIMEOUT: integer({
    section: 'Tracing',
    roles: API_AND_WORKER,
    default: 10_000,
    min: 1,
    max: 600_000,
    unit: 'milliseconds',
    description: 'How long sending one batch of spans may take, further attempts included, before it is lost.',
  }),
  OTEL_SERVICE_NAME: text({
    section: 'Tracing',
    roles: API_AND_WORKER,
    whenUnset: 'api.callboard and worker.callboard',
    example: 'callboard',
    description: 'The `service.name` of all spans of this process.',
  }),
  OTEL_RESOURCE_ATTRIBUTES: pairs({
    section: 'Tracing',
    roles: API_AND_WORKER,
    default: [] as readonly string[],
    description: 'What else the spans of this process tell of it, e.g. `deployment.environment.name=staging`.',
  }),
  OTEL_TRACES_SAMPLER: choice({
    section: 'Tracing',
    roles: API_AND_WORKER,
    default: 'parentbased_always_on',
    choices: [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    description: 'Which traces are exported; those that begin with `parentbased` leave it to the caller where it says.',
  }),
  OTEL_TRACES_SAMPLER_ARG: text({
    section: 'Tracing',
    roles: API_AND_WORKER,
    default: '1',
    shape: /^(0(\.\d+)?|1(\.0+)?)$/,
    expected: 'a number from 0 to 1',
    description: 'The share of traces that the samplers `traceidratio` and `parentbased_traceidratio` choose.',
  }),
};

export type VariableName = keyof typeof VARIABLES;

/** Of our prefixes, but read by development tools and tests, not by the service. */
export const TOOL_VARIABLES: readonly string[] = [
  'CALLBOARD_REQUIRE_REAL_SERVERS',
  'CALLBOARD_SERVERS_CACHE',
  'CALLBOARD_SERVERS_DATA',
  'CALLBOARD_SKIP_FILE',
];
