import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { loadConfig, renderEnvFile, renderVariableTable } from './index.js';
import { variables } from './values.js';

const root = join(import.meta.dirname, '../..');

describe('documents made from the table of variables', () => {
  test('.env is what the table says (npm run docs:config)', () => {
    expect(readFileSync(join(root, '.env'), 'utf8')).toBe(renderEnvFile());
  });

  test('docs/operations.md holds the table (npm run docs:config)', () => {
    expect(readFileSync(join(root, 'docs/operations.md'), 'utf8')).toContain(`\n${renderVariableTable()}\n`);
  });

  test('.env names every variable and changes nothing', () => {
    const { settings, ...fromFile } = loadConfig({ role: 'standalone', env: {}, file: renderEnvFile() });
    const { settings: defaults, ...fromNothing } = loadConfig({ role: 'standalone', env: {} });
    expect(fromFile).toEqual(fromNothing);
    expect(settings).toEqual(defaults);
    for (const [name] of variables()) expect(renderEnvFile()).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
  });

  test('a commented example can be used as it is', () => {
    const uncommented = parseEnv(renderEnvFile().replace(/^# ([A-Z0-9_]+=)/gm, '$1'));
    for (const [name, variable] of variables()) {
      const text = uncommented[name] ?? '';
      if (text !== '') expect([name, variable.parse(text)]).not.toEqual([name, undefined]);
    }
  });

  test.each(variables())('%s says what it needs to', (_, variable) => {
    expect(variable.description).toMatch(/[.]$/);
    expect(variable.roles.length).toBeGreaterThan(0);
    expect(variable.default === undefined).toBe(variable.whenUnset !== undefined && variable.example !== undefined);
  });
});
