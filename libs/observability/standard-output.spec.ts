import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';

/** Runs a script with a logger `output` in a process of its own. */
function run(script: string, stdout: 'pipe' | number = 'pipe') {
  const module = JSON.stringify(join(import.meta.dirname, 'standard-output.ts'));
  const code = `const { openStandardOutput } = await import(${module}); const output = openStandardOutput(); ${script}`;
  const flags = ['--conditions=callboard-source', '--import', 'tsx', '--input-type=module', '--eval', code];
  return spawn(process.execPath, flags, { stdio: ['ignore', stdout, 'inherit'] });
}

/** What a script has written to a pipe, or to a file. */
async function written(script: string, where: 'pipe' | 'file'): Promise<string> {
  if (where === 'pipe') {
    const child = run(script);
    const [all] = await Promise.all([text(child.stdout!), once(child, 'close')]);
    return all;
  }
  const folder = await mkdtemp(join(tmpdir(), 'output-'));
  try {
    const file = await open(join(folder, 'log'), 'a');
    await once(run(script, file.fd), 'close');
    await file.close();
    return await readFile(join(folder, 'log'), 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A write of much is under way while more comes. */
const WRITE =
  'for (let n = 0; n < 9; n++) { output.write("x".repeat(70000) + "\\n"); output.write("line " + n + "\\n"); }';
const LINES = Array.from({ length: 9 }, (_, n) => `${'x'.repeat(70_000)}\nline ${n}\n`).join('');

describe('standard output', () => {
  const endings = [
    ['when the process ends by itself', ''],
    ['when it is told to exit', 'process.exit(0);'],
    ['when it is told to exit a moment later', 'setImmediate(() => process.exit(0));'],
    ['when it has drained and is killed', 'await output.drain(); process.kill(process.pid, "SIGKILL");'],
  ] as const;
  test.each(
    endings.flatMap(([name, ending]) => (['pipe', 'file'] as const).map((where) => [where, name, ending] as const)),
  )('a %s has every line, once and in order, %s', async (where, _, ending) => {
    expect((await written(`${WRITE} ${ending}`, where)) === LINES).toBe(true);
  });

  test('has drained at once when there is nothing to write', async () => {
    expect(await written('await output.drain(); output.write("a\\n"); await output.drain();', 'pipe')).toBe('a\n');
  });

  test('a reader that has gone away ends the output, not the process', async () => {
    const child = run(
      'const timer = setInterval(() => output.write("x".repeat(1000) + "\\n"), 1);' +
        'setTimeout(async () => { clearInterval(timer); await output.drain(); process.exit(7); }, 300);',
    );
    child.stdout!.once('data', () => child.stdout!.destroy());
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });

  test('a reader that has gone away does not hold up the exit', async () => {
    const child = run(
      'output.write("a\\n"); await output.drain(); setTimeout(() => { output.write("b\\n"); process.exit(7); }, 200);',
    );
    child.stdout!.once('data', () => child.stdout!.destroy());
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });
});
