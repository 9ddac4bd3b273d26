import { readdir } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '#core';
import { typecheck } from './typecheck.js';

const leftovers = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`callboard-review-${hostname()}-${process.pid}-`));

/** A file that keeps the compiler busy for longer than any test waits. */
const ENDLESS = `type Loop<T extends unknown[], N extends number> = T['length'] extends N ? T : Loop<[...T, 0], N>;
${Array.from({ length: 200 }, (_, i) => `export type A${i} = Loop<[], ${900 + (i % 90)}>; export const a${i}: A${i}['length'] = 1 as never as A${i}['length'];`).join('\n')}`;

describe('typecheck', () => {
  afterEach(async () => {
    expect(await leftovers()).toEqual([]);
  });

  const cases: [name: string, files: Record<string, string>, want: string | null][] = [
    [
      'good files',
      { 'a.ts': "import type { B } from './b/c.js';\nexport const a: B = 1;", 'b/c.ts': 'export type B = number;' },
      null,
    ],
    [
      'declarations beside a script',
      { 'a.ts': "import { f } from './f.js';\nf(1);", 'f.d.ts': 'export declare function f(x: number): void;' },
      null,
    ],
    ['no files that it reads', { 'README.md': 'x' }, null],
    [
      'a wrong type',
      { 'types.ts': '\n  const x: string = 1;' },
      "types.ts, line 2, column 9: Type 'number' is not assignable to type 'string' (TS2322).",
    ],
    [
      'a syntax error',
      { 'types.ts': 'const = ;' },
      'types.ts, line 1, column 7: Variable declaration expected (TS1134).',
    ],
    ['globals of Node', { 'a.ts': 'process.exit(1);' }, "a.ts, line 1, column 1: Cannot find name 'process'"],
    ['a package that is not there', { 'a.ts': "import 'zod';" }, 'a.ts, line 1, column 8: Cannot find module'],
  ];
  it.each(cases)('judges %s', async (_, files, want) => {
    const fault = await typecheck(files);
    if (want === null) expect(fault).toBeNull();
    else expect(fault).toContain(want);
  });

  it.each(['../a.ts', '/tmp/a.ts', 'a/../../b.ts'])('writes nothing outside its folder: %s', async (name) => {
    await expect(typecheck({ [name]: '' })).rejects.toThrow(/^Expected a file name inside the folder/);
  });

  it('stops when it takes too long', async () => {
    expect(await typecheck({ 'a.ts': ENDLESS }, { timeoutMs: 1 })).toBe(
      'Expected types that are checked within 0.001 s, got ones that take longer.',
    );
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(typecheck({ 'a.ts': ENDLESS }, { signal })).rejects.toBeInstanceOf(Unavailable);
  });
});
