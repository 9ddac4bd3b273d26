import { parseEnv } from 'node:util';
import { InvalidInput } from '#core';
import { derive, refusals, remarks } from './rules.js';
import { showValue } from './show-value.js';
import type { Role, Value, Variable } from './variable.js';
import { camelCase, variables, type Values } from './values.js';
import { TOOL_VARIABLES, VARIABLES, type VariableName } from './variables.js';

/** The effective configuration of one process; frozen. */
export interface Config extends Values {
  readonly role: Role;
  /** Always set: what API_URL says, else the API on this machine. */
  readonly apiUrl: string;
  /** Whether that is the API on this machine because API_URL is not set. */
  readonly isApiHere: boolean;
  /** Always set: what EGRESS_PRIVATE says, else by NODE_ENV. */
  readonly egressPrivate: 'allow' | 'deny';
  /** PATH of the environment: where programs are looked for. */
  readonly programPath: string;
  /** The variables that this role uses, as they may be shown to people. */
  readonly settings: readonly Setting[];
  /** Sentences on what is set in vain. */
  readonly warnings: readonly string[];
}

export interface Setting {
  readonly name: VariableName;
  /** Free of secrets; undefined when unset. */
  readonly shown: string | undefined;
  readonly isDefault: boolean;
}

/** Why a process must not start: one sentence for each fault. */
export class ConfigError extends InvalidInput {
  constructor(readonly faults: readonly string[]) {
    super('CONFIG_INVALID', faults.join('\n'));
  }
}

export interface ConfigSources {
  readonly role: Role;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of `.env`; the environment beats it. */
  readonly file?: string | undefined;
}

/**
 * The configuration that an environment and the text of a file amount to. An empty value counts as unset, so that the
 * environment can also take back what the file sets.
 * @throws ConfigError with every fault: each names the variable, the value (unless secret) and what was expected.
 */
export function loadConfig({ role, env, file = '' }: ConfigSources): Config {
  const given = { ...parseEnv(file), ...env };
  const faults: string[] = [];
  const read: Partial<Record<string, unknown>> = {};
  for (const [name, variable] of variables()) {
    const text = given[name] ?? '';
    const value = text === '' ? variable.default : variable.parse(text);
    if (value === undefined && text !== '') faults.push(wrongValue(name, variable, text));
    // A wrong address is still there for the rules, lest they call it missing.
    read[camelCase(name)] = value ?? variable.default ?? (text === '' ? undefined : text);
  }
  const explicit = read as unknown as Values;
  faults.push(...refusals(role, explicit));
  if (faults.length > 0) throw new ConfigError(faults);

  const values: Values & ReturnType<typeof derive> = { ...explicit, ...derive(explicit) };
  return Object.freeze({
    ...values,
    role,
    programPath: env.PATH ?? '',
    settings: Object.freeze(settingsOf(role, explicit, values)),
    warnings: Object.freeze([...unknownNames(given), ...remarks(role, explicit)]),
  });
}

function wrongValue(name: string, variable: Variable<Value | undefined>, text: string): string {
  const unit = variable.unit === undefined ? '' : ` (${variable.unit})`;
  const got =
    variable.secret === 'no'
      ? JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
      : 'a value that is not shown because it may hold a secret';
  return `Expected ${name} to be ${variable.expected}${unit}, got ${got}.`;
}

function settingsOf(role: Role, explicit: Values, effective: Values): Setting[] {
  return variables()
    .filter(([, variable]) => variable.roles.includes(role))
    .map(([name, variable]) => {
      const key = camelCase(name);
      const isDefault = String(explicit[key]) === String(variable.default);
      return Object.freeze({ name, shown: showValue(variable, effective[key]), isDefault });
    });
}

function unknownNames(given: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(given)
    .filter((name) => /^(CALLBOARD|GLOGS)_/.test(name) && !(name in VARIABLES) && !TOOL_VARIABLES.includes(name))
    .sort()
    .map((name) => `${name} is set, but there is no variable of that name.`);
}
