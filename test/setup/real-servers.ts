import { appendFileSync } from 'node:fs';
import { describe } from '@jest/globals';

/** Environment variables that each name one real server (or, for the last two, a program) to test against. */
const howToGet: Record<string, string> = {
  RABBITMQ_URL: 'rabbitmq',
  REDIS_URL: 'redis',
  MONGODB_URI: 'mongodb',
  MONGODB_SECOND_URI: 'mongodb-java',
  S3_ENDPOINT: 'minio',
  S3_ACCESS_KEY: 'minio',
  S3_SECRET_KEY: 'minio',
  HTTPBIN_URL: 'httpbin',
  CHROMIUM_PATH: 'chromium',
  OPENAPI_GENERATOR_JAR: 'openapi-generator',
};

/**
 * Declares a suite that needs real servers. It runs when every named variable is set; otherwise the whole suite
 * is skipped, and the reason and the remedy are appended to the file that CALLBOARD_SKIP_FILE names, for
 * `npm test` to print at its end.
 *
 * @param names environment variables the suite needs, e.g. `['RABBITMQ_URL', 'REDIS_URL']`
 * @param title the suite's title, as for `describe`
 * @param body declares the tests; receives the values of the named variables, all non-empty. It is called for a
 *   skipped suite too, so that its tests are counted as skipped, and then receives empty strings: connect in
 *   `beforeAll`, never in the body itself.
 */
export function describeWithServer(names: string[], title: string, body: (env: Record<string, string>) => void): void {
  const env = Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
  const missing = names.filter((name) => env[name] === '');
  if (missing.length === 0) {
    describe(title, () => {
      body(env);
    });
    return;
  }
  recordSkip(title, missing);
  describe.skip(title, () => {
    body(env);
  });
}

function recordSkip(title: string, missing: string[]): void {
  const file = process.env.CALLBOARD_SKIP_FILE;
  if (file === undefined || file === '') return;
  const servers = [...new Set(missing.map((name) => howToGet[name] ?? name))];
  appendFileSync(file, `${JSON.stringify({ title, missing, servers })}\n`);
}
