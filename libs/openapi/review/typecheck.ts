import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { InvalidInput, Unavailable } from '#core';
import { excerpt } from '../json.js';
import { withLimits } from '../process-limits.js';
import { nativeCompiler } from './compiler.js';
import { makeFolder } from './folder.js';

export interface TypecheckOptions {
  /** How long the compiler may take, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Aborting stops the compiler at once: the promise is rejected with Unavailable. */
  readonly signal?: AbortSignal | undefined;
}

const COMPILER_OPTIONS = {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  lib: ['es2022'],
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  types: [],
};
/** The compiler's first words are enough: it may have thousands of things to say about one fault. */
const LONGEST_OUTPUT = 64 * 1024;
/** Up to this many characters of types the compiler needs no collection of garbage to stay below 256 MiB. */
const WITHOUT_GARBAGE = 17_000_000;
/** A hard one, in kilobytes: past it the compiler ends. */
const MOST_MEMORY_KB = 2 * 1024 * 1024;

/**
 * Type-checks TypeScript files, strictly and with nothing installed, by the native compiler in a folder of their own.
 * Files of other kinds are passed over.
 * @param files texts by relative name with forward slashes, e.g. `types.ts`.
 * @returns null when they hold, else one sentence that names the place of the first fault.
 * @throws Unavailable when the check was stopped or there is no compiler.
 */
export async function typecheck(
  files: Readonly<Record<string, string>>,
  options: TypecheckOptions = {},
): Promise<string | null> {
  const names = Object.keys(files).filter((name) => /\.[cm]?tsx?$/.test(name));
  if (names.length === 0) return null;
  const folder = await makeFolder();
  try {
    for (const name of names) {
      const target = join(folder, safeName(name));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, files[name] ?? '');
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: names }));
    const characters = names.reduce((sum, name) => sum + (files[name]?.length ?? 0), 0);
    return await compile(folder, characters, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function safeName(name: string): string {
  const normal = normalize(name);
  if (normal.startsWith('..') || normal.startsWith('/') || /^[A-Za-z]:/.test(normal)) {
    throw new InvalidInput('FILE_NAME', `Expected a file name inside the folder, got ${excerpt(name)}.`);
  }
  return normal;
}

async function compile(
  folder: string,
  characters: number,
  { timeoutMs = 60_000, signal }: TypecheckOptions,
): Promise<string | null> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const seconds = Math.ceil(timeoutMs / 1000) * availableParallelism();
  const { code, output } = await run(
    folder,
    characters,
    seconds,
    AbortSignal.any(signal ? [signal, timeout] : [timeout]),
  );
  if (signal?.aborted) throw new Unavailable('REVIEW_STOPPED', 'The review was stopped before it ended.');
  if (timeout.aborted)
    return `Expected types that are checked within ${timeoutMs / 1000} s, got ones that take longer.`;
  return code === 0 ? null : firstFault(output, code);
}

/** The compiler's garbage collector takes a sixth of its time, which most types need not pay. https://go.dev/doc/gc-guide */
function memorySettings(characters: number): Record<string, string> {
  return characters <= WITHOUT_GARBAGE ? { GOGC: 'off', GOMEMLIMIT: '256MiB' } : { GOMEMLIMIT: '1GiB' };
}

/**
 * @param characters that the compiler is to read.
 * @param seconds of processor time.
 */
function run(
  folder: string,
  characters: number,
  seconds: number,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const [program, ...args] = withLimits([nativeCompiler(), '-p', 'tsconfig.json', '--pretty', 'false'], {
      cpuSeconds: seconds,
      memoryKb: MOST_MEMORY_KB,
      fileBytes: 0,
    });
    const compiler = spawn(program, args, {
      cwd: folder,
      env: memorySettings(characters),
      stdio: ['ignore', 'pipe', 'ignore'],
      signal,
      killSignal: 'SIGKILL',
    });
    compiler.stdout.on('data', (chunk: Buffer) => {
      if (output.length < LONGEST_OUTPUT) output += chunk.toString('utf8');
    });
    compiler.on('error', (cause) => {
      if (!signal.aborted)
        reject(new Unavailable('COMPILER_MISSING', 'The TypeScript compiler cannot be started.', { cause }));
    });
    compiler.on('close', (code) => resolve({ code, output }));
  });
}

function firstFault(output: string, code: number | null): string {
  const fault = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/m.exec(output);
  if (!fault) {
    const end = code === null ? 'a signal' : `exit code ${code}`;
    return `Expected types that the compiler can check, got ones on which it ended with ${end} and named no place.`;
  }
  const [, file = '', line = '', column = '', number = '', message = ''] = fault;
  return `${file}, line ${line}, column ${column}: ${excerpt(message, 300).replace(/\.$/, '')} (${number}).`;
}
