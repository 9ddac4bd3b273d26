import { choice, integer, origins, text } from './variable.js';
import type { Role } from './variable.js';

const ALL: readonly Role[] = ['standalone', 'api', 'worker', 'apidoc'];
const API: readonly Role[] = ['standalone', 'api'];

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_MS = 86_400_000;

/** What the servers do before any route of ours sees a request, and what they say to browsers. */
export const EDGE_VARIABLES = {
  TLS_CERT_FILE: text({
    section: 'Edge',
    roles: ALL,
    whenUnset: 'plain HTTP',
    example: '/etc/callboard/tls.crt',
    description:
      'The certificate in PEM, intermediate ones behind it. With TLS_KEY_FILE all listeners speak TLS 1.2 or newer. Both files are read again when they change.',
  }),
  TLS_KEY_FILE: text({
    section: 'Edge',
    roles: ALL,
    whenUnset: 'plain HTTP',
    example: '/etc/callboard/tls.key',
    description: 'The private key of TLS_CERT_FILE, in PEM.',
  }),
  TLS_KEY_PASSPHRASE: text({
    section: 'Edge',
    roles: ALL,
    secret: true,
    whenUnset: 'the key is not encrypted',
    example: 'a-long-random-text',
    description: 'What TLS_KEY_FILE is encrypted with.',
  }),
  CORS_ORIGINS: origins({
    section: 'Edge',
    roles: API,
    default: [] as readonly string[],
    description:
      'Whose pages may call the API from a browser: exact origins joined by commas, such as https://app.example.com. None unless set; cookies are never allowed.',
  }),
  FORWARDED_FOR: choice({
    section: 'Edge',
    roles: ALL,
    default: 'x-real-ip',
    choices: ['x-real-ip', 'x-forwarded-for'],
    description:
      'Which header of TRUSTED_PROXIES tells the address of the caller: the one that your proxy sets itself. The other may be forged and is not read.',
  }),

  LOGIN_FAILURES: integer({
    section: 'Edge',
    roles: API,
    default: 10,
    min: 1,
    max: 1_000,
    unit: 'failed logins',
    description:
      'How many an address (IPv6: a /64) may make; each one beyond makes it wait twice as long, a minute at most, with a 429. For a user name that five times as many tried in vain, each failure counts.',
  }),
  LOGIN_WINDOW_SECONDS: integer({
    section: 'Edge',
    roles: API,
    default: 900,
    min: 1,
    max: 86_400,
    unit: 'seconds',
    description: 'How long after the last one failed logins are forgotten.',
  }),
  API_RATE_LIMIT: integer({
    section: 'Edge',
    roles: API,
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'requests a second',
    description:
      'How many requests one credential may make of all APIs together, of each where REDIS_URL is not set; beyond it they get a 429. 0 sets no limit.',
  }),
  API_RATE_BURST: integer({
    section: 'Edge',
    roles: API,
    default: 0,
    min: 0,
    max: 1_000_000,
    unit: 'requests',
    description: 'How many of them may come at once. 0: as many as one second has.',
  }),

  HEADERS_MAX_BYTES: integer({
    section: 'Edge',
    roles: ALL,
    default: 16 * KIB,
    min: 4 * KIB,
    max: MIB,
    unit: 'bytes',
    description: 'The largest head of a request, its first line included; beyond it 431.',
  }),
  HEADERS_MAX_COUNT: integer({
    section: 'Edge',
    roles: ALL,
    default: 100,
    min: 10,
    max: 10_000,
    unit: 'headers',
    description: 'How many headers a request may have; beyond it 431.',
  }),
  URL_MAX_BYTES: integer({
    section: 'Edge',
    roles: ALL,
    default: 8 * KIB,
    min: KIB,
    max: MIB,
    unit: 'bytes',
    description: 'The longest address of a request, its query included; beyond it 414.',
  }),
  JSON_MAX_DEPTH: integer({
    section: 'Edge',
    roles: API,
    default: 100,
    min: 10,
    max: 1_000,
    unit: 'levels',
    description: 'How deep objects and arrays of a body may stand in one another.',
  }),
  JSON_MAX_FIELDS: integer({
    section: 'Edge',
    roles: API,
    default: 250_000,
    min: 1_000,
    max: 10_000_000,
    unit: 'fields',
    description: 'How many members and items the objects and arrays of a body may have in all.',
  }),
  MAX_CONNECTIONS: integer({
    section: 'Edge',
    roles: ALL,
    default: 10_000,
    min: 10,
    max: 1_000_000,
    unit: 'connections',
    description: 'How many connections one listener keeps at once; further ones are closed.',
  }),
  CLIENT_HEADERS_TIMEOUT_MS: integer({
    section: 'Edge',
    roles: ALL,
    default: 15_000,
    min: 10,
    max: DAY_MS,
    unit: 'milliseconds',
    description: 'How long a caller may take until the head of its request is there; then 408.',
  }),
  CLIENT_REQUEST_TIMEOUT_MS: integer({
    section: 'Edge',
    roles: ALL,
    default: 300_000,
    min: 10,
    max: DAY_MS,
    unit: 'milliseconds',
    description: 'How long a caller may take until its whole request is there, its body included; then 408.',
  }),
  CLIENT_IDLE_TIMEOUT_MS: integer({
    section: 'Edge',
    roles: ALL,
    default: 72_000,
    min: 10,
    max: DAY_MS,
    unit: 'milliseconds',
    description: 'How long a connection is kept open between two requests. Longer than that of a proxy in front of it.',
  }),
  CLIENT_STALL_TIMEOUT_MS: integer({
    section: 'Edge',
    roles: ALL,
    default: 60_000,
    min: 10,
    max: DAY_MS,
    unit: 'milliseconds',
    description:
      'How long a caller may send nothing of a body that it has begun, or take nothing of an answer; then it is cut off.',
  }),
};
