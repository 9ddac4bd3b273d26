import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { InvalidInput, Unavailable } from '#core';
import { excerpt } from '../json.js';
import { nativeCompiler } from './compiler.js';

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
/** A soft limit: the compiler collects garbage more eagerly near it. */
const MEMORY_LIMIT = '1GiB';

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
  const folder = await mkdtemp(join(tmpdir(), 'callboard-review-'));
  try {
    for (const name of names) {
      const target = join(folder, safeName(name));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, files[name] ?? '');
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: names }));
    return await compile(folder, options);
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

async function compile(folder: string, { timeoutMs = 60_000, signal }: TypecheckOptions): Promise<string | null> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const { code, output } = await run(folder, AbortSignal.any(signal ? [signal, timeout] : [timeout]));
  if (signal?.aborted) throw new Unavailable('REVIEW_STOPPED', 'The review was stopped before it ended.');
  if (timeout.aborted)
    return `Expected types that are checked within ${timeoutMs / 1000} s, got ones that take longer.`;
  return code === 0 ? null : firstFault(output, code);
}

function run(folder: string, signal: AbortSignal): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const compiler = spawn(nativeCompiler(), ['-p', 'tsconfig.json', '--pretty', 'false'], {
      cwd: folder,
      env: { GOMEMLIMIT: MEMORY_LIMIT },
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
  if (!fault) return `The compiler ended with ${code === null ? 'a signal' : `exit code ${code}`} and named no place.`;
  const [, file = '', line = '', column = '', number = '', message = ''] = fault;
  return `${file}, line ${line}, column ${column}: ${excerpt(message, 300).replace(/\.$/, '')} (${number}).`;
}
