import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The version of OpenAPI Generator that is run, and the SHA-256 of its jar: the same as in tools/openapi-generator.mjs. */
export const GENERATOR_VERSION = '7.25.0';
export const JAR_SHA256 = '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae';

export interface JarPlaces {
  /** OPENAPI_GENERATOR_JAR: the jar itself. */
  readonly jar?: string | undefined;
  /** OPENAPI_GENERATOR_CACHE: the folder that tools/openapi-generator.mjs fills; by default one in the user's home. */
  readonly cache?: string | undefined;
}

/** Where the jar is expected. */
export function jarPath({ jar, cache }: JarPlaces): string {
  const folder = cache ?? join(homedir(), '.cache', 'callboard-openapi-generator');
  return jar ?? join(folder, `openapi-generator-cli-${GENERATOR_VERSION}.jar`);
}

/** What changes when a file is put in the place of another; null when there is none. */
export async function fileMark(path: string): Promise<string | null> {
  return stat(path).then(
    ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
    () => null,
  );
}

/** Whether a file is the jar that we know; false also when it cannot be read. */
export async function isTheJar(path: string): Promise<boolean> {
  const hash = createHash('sha256');
  return pipeline(createReadStream(path), hash).then(
    () => hash.digest('hex') === JAR_SHA256,
    () => false,
  );
}
