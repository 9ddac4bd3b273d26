import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Unavailable } from '#core';

let found: string | undefined;

/**
 * The native TypeScript compiler's program file. It is started directly: through its JavaScript entry it would take
 * twice as long to begin.
 * @throws Unavailable when there is none for this platform.
 */
export function nativeCompiler(): string {
  if (found !== undefined) return found;
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve('typescript-native/package.json');
    const platform = createRequire(entry).resolve(`${name}/package.json`);
    found = join(dirname(platform), 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
    return found;
  } catch (cause) {
    throw new Unavailable(
      'COMPILER_MISSING',
      `The native TypeScript compiler for this platform (${name}) is not installed.`,
      { cause },
    );
  }
}
