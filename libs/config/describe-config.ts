import type { Config, Setting } from './load-config.js';
import { showValue } from './show-value.js';
import type { Value, Variable } from './variable.js';
import { VARIABLES } from './variables.js';

/**
 * The effective configuration for the start of a log, one variable a line, secrets hidden. Lines of values that differ
 * from the default start with `*`.
 */
export function describeConfig(config: Config): string[] {
  return [`Configuration of ${config.role} (* differs from the default):`, ...config.settings.map(describeSetting)];
}

function describeSetting({ name, shown, isDefault }: Setting): string {
  const variable: Variable<Value | undefined> = VARIABLES[name];
  if (shown === undefined) return `  ${name} is unset: ${variable.whenUnset ?? ''}`;
  if (isDefault) return `  ${name}=${shown}`;
  const usual = variable.secret === 'value' ? undefined : showValue(variable, variable.default);
  return usual === undefined ? `* ${name}=${shown}` : `* ${name}=${shown} (default ${usual === '' ? 'none' : usual})`;
}
