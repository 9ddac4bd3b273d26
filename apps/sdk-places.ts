import type { Config } from '#config';

/** Where this process looks for Java and for the jar of OpenAPI Generator. */
export function sdkPlaces(config: Config) {
  const { javaHome, programPath: path, openapiGeneratorJar: jar, openapiGeneratorCache: cache } = config;
  return { javaHome, path, jar, cache };
}
