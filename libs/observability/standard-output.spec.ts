import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';

/** Runs a script with a logger `output` in a process of its own. */
function run(script: string) {
  const module = JSON.stringify(join(import.meta.dirname, 'standard-output.ts'));
  const code = `const { openStandardOutput } = await import(${module}); const output = openStandardOutput(); ${script}`;
  const flags = ['--conditions=callboard-source', '--import', 'tsx', '--input-type=module', '--eval', code];
  return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('standard output', () => {
  test.each([
    ['when the process ends by itself', ''],
    ['when it is told to exit', 'process.exit(0);'],
    ['when it flushes and is killed', 'output.flush(); process.kill(process.pid, "SIGKILL");'],
  ])('has every line %s', async (_, ending) => {
    const child = run(`for (let n = 0; n < 5000; n++) output.write("line " + n + "\\n"); ${ending}`);
    const [written] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(written.split('\n')).toHaveLength(5001);
    expect(written).toContain('line 4999\n');
  });

  test('a reader that has gone away ends the output, not the process', async () => {
    const child = run(
      'const timer = setInterval(() => output.write("x".repeat(1000) + "\\n"), 1);' +
        'setTimeout(() => { clearInterval(timer); process.exit(7); }, 300);',
    );
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });
});
