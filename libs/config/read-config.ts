import { readFileSync } from 'node:fs';
import { ConfigError, loadConfig, type Config } from './load-config.js';
import type { Role } from './variable.js';

/**
 * The configuration of this process: its environment, and below that `.env` in the working folder if there is one.
 * @throws ConfigError as `loadConfig` does, or when `.env` cannot be read.
 */
export function readConfig(role: Role): Config {
  return loadConfig({ role, env: process.env, file: readEnvFile('.env') });
}

function readEnvFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return '';
    throw new ConfigError([`Expected ${path} in the working folder to be a readable file, got ${code}.`]);
  }
}
