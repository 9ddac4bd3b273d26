import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './host.mjs';
import { run } from './processes.mjs';

const tool = join(import.meta.dirname, '..', 'openapi-generator.mjs');
const folder = process.env.OPENAPI_GENERATOR_CACHE ?? join(homedir(), '.cache', 'callboard-openapi-generator');
const jar = join(folder, 'openapi-generator-cli-7.25.0.jar');

/** OpenAPI Generator and a Java to run it: nothing to start, only to find. */
export const openapiGenerator = {
  name: 'openapi-generator',
  get packages() {
    return findProgram('java') ? [] : ['default-jre-headless'];
  },
  tools: {},
  ports: {},
  installed: () => existsSync(jar) && findProgram('java') !== undefined,
  // The tool fetches the jar at its first use, and checks it.
  install: () => run(process.execPath, [tool, 'version']),
  environment: () => ({ OPENAPI_GENERATOR_JAR: jar }),
};
