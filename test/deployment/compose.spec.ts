import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '#config';
import type { Config } from '#config';
import { KeyRing } from '#encryption';

/** What an operator sets, and no engine: `npm run check:deployment` looks closer, but needs more. */
const OPERATOR: Readonly<Record<string, string>> = {
  API_SCHEDULER_AUTH_PASSWORD: 'a password of our own',
  CALLBOARD_ENCRYPTION_KEY: KeyRing.newKey(),
};

const file = readFileSync(join(import.meta.dirname, '../../docker-compose.yaml'), 'utf8');
const defaults = readFileSync(join(import.meta.dirname, '../../.env'), 'utf8');

describe('docker-compose.yaml', () => {
  it.each(['api', 'worker', 'apidoc'] as const)('gives the %s a configuration that it starts with', (role) => {
    const config = configOf(role, OPERATOR);
    expect(config.warnings).toEqual([]);
    expect(config.host).toBe('0.0.0.0');
  });

  it('sets every backend', () => {
    const { mongodbUri, rabbitmqUrl, redisUrl, s3Endpoint } = configOf('worker', OPERATOR);
    expect([mongodbUri, rabbitmqUrl, redisUrl, s3Endpoint].map((address) => new URL(address ?? '').hostname)).toEqual([
      'mongodb',
      'rabbitmq',
      'redis',
      'minio',
    ]);
  });

  it('starts no api with the shipped password', () => {
    expect(() => configOf('api', { ...OPERATOR, API_SCHEDULER_AUTH_PASSWORD: 'admin123' })).toThrow(
      'API_SCHEDULER_AUTH_PASSWORD',
    );
  });

  it('gives the backends the names and passwords that the services use', () => {
    const operator = { ...OPERATOR, RABBITMQ_USERNAME: 'anna', RABBITMQ_PASSWORD: 'p:w', S3_SECRET_KEY: 'secret key' };
    const { rabbitmqUrl, s3AccessKey, s3SecretKey } = configOf('worker', operator);
    expect(rabbitmqUrl).toContain('anna:p%3Aw@rabbitmq');
    expect(environmentOf('rabbitmq', operator)).toEqual({
      RABBITMQ_DEFAULT_USER: 'anna',
      RABBITMQ_DEFAULT_PASS: 'p:w',
    });
    expect(environmentOf('minio', operator)).toEqual({
      MINIO_ROOT_USER: s3AccessKey,
      MINIO_ROOT_PASSWORD: s3SecretKey,
    });
  });
});

function configOf(role: 'api' | 'worker' | 'apidoc', operator: Readonly<Record<string, string>>): Config {
  return loadConfig({ role, env: environmentOf(role, operator), file: defaults });
}

/** The environment of a service, with variables filled in as compose does it where they are set or have a default. */
function environmentOf(service: string, operator: Readonly<Record<string, string>>): Record<string, string> {
  const filled = file.replace(
    /\$\{(\w+):[-?]([^}]*)\}/g,
    (_, name: string, fallback: string) => operator[name] ?? fallback,
  );
  const compose = parse(filled, { merge: true }) as {
    services: Record<string, { environment?: Record<string, unknown> }>;
  };
  const pairs = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
}
