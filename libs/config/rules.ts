import { isIP } from 'node:net';
import type { Values } from './values.js';
import type { Role } from './variable.js';
import { EXAMPLE_KEY, SHIPPED_PASSWORD } from './variables.js';

/** What no single variable is to blame for: one sentence for each thing that this role must not start with. */
export function refusals(role: Role, values: Values): string[] {
  return [missingBackends, halfAKey, halfOfTls, equalPorts, shippedPassword, encryptionKey].flatMap(
    (rule) => rule(role, values) ?? [],
  );
}

/** The values that follow from others where they are not set themselves. */
export function derive(values: Values): {
  apiUrl: string;
  isApiHere: boolean;
  rabbitmqUrl: string | undefined;
  egressPrivate: 'allow' | 'deny';
} {
  return {
    isApiHere: values.apiUrl === undefined,
    egressPrivate: values.egressPrivate ?? (values.nodeEnv === 'production' ? 'deny' : 'allow'),
    apiUrl:
      values.apiUrl ??
      `${values.tlsCertFile === undefined ? 'http' : 'https'}://${hostInUrl(reachable(values.host))}:${values.apiPort}`,
    rabbitmqUrl: values.rabbitmqUrl ?? rabbitmqFromParts(values),
  };
}

/** Sentences on what is set in vain, and on what is missed for want of what is not set. */
export function remarks(role: Role, values: Values): string[] {
  return [
    ...(values.rabbitmqUrl !== undefined && values.rabbitmqHost !== undefined
      ? ['RABBITMQ_HOST is not used because RABBITMQ_URL is set.']
      : []),
    // Standalone is one worker and one API, and whoever runs one beside others has named their servers.
    ...(role === 'worker' && values.redisUrl === undefined
      ? ['REDIS_URL is not set: the limits of Specs hold per worker, and so do circuit breakers.']
      : []),
    ...(role === 'api' && values.redisUrl === undefined
      ? ['REDIS_URL is not set: API_RATE_LIMIT holds per API, and so do the waits after failed logins.']
      : []),
  ];
}

/** Processes side by side share nothing but these. */
function missingBackends(role: Role, values: Values): string | undefined {
  if (role !== 'api' && role !== 'worker') return undefined;
  const missing = [
    ...((values.rabbitmqUrl ?? values.rabbitmqHost) === undefined ? ['RABBITMQ_URL'] : []),
    ...(values.mongodbUri === undefined ? ['MONGODB_URI'] : []),
    ...(values.s3Endpoint === undefined ? ['S3_ENDPOINT'] : []),
  ];
  if (missing.length === 0) return undefined;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `The ${role} as a process of its own needs RABBITMQ_URL, MONGODB_URI and S3_ENDPOINT, but ${list(missing)} ${verb} not set.`;
}

function halfAKey(_role: Role, values: Values): string | undefined {
  if (values.s3Endpoint === undefined) return undefined;
  const missing = [
    ...(values.s3AccessKey === undefined ? ['S3_ACCESS_KEY'] : []),
    ...(values.s3SecretKey === undefined ? ['S3_SECRET_KEY'] : []),
  ];
  if (missing.length === 0) return undefined;
  return `S3_ENDPOINT is set and needs S3_ACCESS_KEY and S3_SECRET_KEY, but ${list(missing)} ${missing.length === 1 ? 'is' : 'are'} not set.`;
}

function halfOfTls(_role: Role, { tlsCertFile, tlsKeyFile }: Values): string | undefined {
  if ((tlsCertFile === undefined) === (tlsKeyFile === undefined)) return undefined;
  const [given, missing] = tlsKeyFile === undefined ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
  return `TLS_${given}_FILE is set and needs TLS_${missing}_FILE, which is not set.`;
}

function equalPorts(role: Role, { apiPort, workerPort, apidocPort }: Values): string | undefined {
  const ports = [apiPort, workerPort, apidocPort].filter((port) => port !== 0);
  if (role !== 'standalone' || new Set(ports).size === ports.length) return undefined;
  return `Expected API_PORT, WORKER_PORT and APIDOC_PORT to differ in one process, got ${apiPort}, ${workerPort} and ${apidocPort}.`;
}

function shippedPassword(role: Role, values: Values): string | undefined {
  if (role !== 'standalone' && role !== 'api') return undefined;
  if (values.apiSchedulerAuthPassword !== SHIPPED_PASSWORD) return undefined;
  const reason = !isLoopback(values.host)
    ? `HOST is ${values.host}, which others can reach`
    : values.nodeEnv === 'production'
      ? 'NODE_ENV is production'
      : undefined;
  return (
    reason && `Set API_SCHEDULER_AUTH_PASSWORD to a password of your own: the shipped one is refused because ${reason}.`
  );
}

function encryptionKey(role: Role, { callboardEncryptionKey: key }: Values): string | undefined {
  if (role === 'apidoc') return undefined;
  if (key === undefined) {
    return role === 'standalone'
      ? undefined
      : `The ${role} as a process of its own needs CALLBOARD_ENCRYPTION_KEY, the same in all: make one with \`npm run keys -- new\`.`;
  }
  return key.includes(EXAMPLE_KEY)
    ? 'Set CALLBOARD_ENCRYPTION_KEY to a key of your own, such as `npm run keys -- new` makes: the one of the example is refused.'
    : undefined;
}

function rabbitmqFromParts(values: Values): string | undefined {
  if (values.rabbitmqHost === undefined) return undefined;
  const user = encodeURIComponent(values.rabbitmqUsername);
  const password = encodeURIComponent(values.rabbitmqPassword);
  return `amqp://${user}:${password}@${hostInUrl(values.rabbitmqHost)}:${values.rabbitmqPort}/`;
}

/** A name other than `localhost` may be resolved to anything. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Where this machine reaches itself when it listens on `host`. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
