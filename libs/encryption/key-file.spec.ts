import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidInput, Unavailable } from '#core';
import { openKeyFile } from './index.js';

describe('the key file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'callboard-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made once, for its owner alone, and read from then on', () => {
    const made = openKeyFile(join(folder, 'data'));
    expect(made.isNew).toBe(true);
    expect(statSync(made.file).mode & 0o777).toBe(0o600);
    const again = openKeyFile(join(folder, 'data'));
    expect(again).toMatchObject({ isNew: false, file: made.file });
    expect(again.keys.names).toEqual(made.keys.names);
  });

  it.each([0o640, 0o604, 0o666])('is refused when others may read or write it (mode %s)', (mode) => {
    const { file } = openKeyFile(folder);
    chmodSync(file, mode);
    expect(() => openKeyFile(folder)).toThrow(InvalidInput);
    expect(() => openKeyFile(folder)).toThrow(`got mode ${mode.toString(8)}`);
  });

  it('is refused when it holds no key, without telling what it holds', () => {
    writeFileSync(join(folder, 'callboard.key'), 'hunter2', { mode: 0o600 });
    expect(() => openKeyFile(folder)).toThrow(InvalidInput);
    expect(() => openKeyFile(folder)).not.toThrow('hunter2');
  });

  it('is told to be what is missing when its folder cannot be', () => {
    writeFileSync(join(folder, 'data'), 'a file');
    expect(() => openKeyFile(join(folder, 'data'))).toThrow(Unavailable);
  });

  it('is the same for all who make it at once', async () => {
    const module = JSON.stringify(join(import.meta.dirname, 'index.ts'));
    const script = `import(${module}).then(({ openKeyFile }) => console.log(openKeyFile(${JSON.stringify(folder)}).keys.names[0]))`;
    const args = ['--import', 'tsx', '--conditions=callboard-source', '--input-type=module', '-e', script];
    const run = () => promisify(execFile)(process.execPath, args);
    const names = await Promise.all(Array.from({ length: 4 }, run));
    expect(new Set(names.map(({ stdout }) => stdout.trim())).size).toBe(1);
    expect(readFileSync(join(folder, 'callboard.key'), 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  });
});
