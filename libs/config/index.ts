export { describeConfig } from './describe-config.js';
export { renderEnvFile, renderVariableTable } from './document-config.js';
export { ConfigError, loadConfig } from './load-config.js';
export type { Config, ConfigSources, Setting } from './load-config.js';
export { readConfig } from './read-config.js';
export type { Role } from './variable.js';
