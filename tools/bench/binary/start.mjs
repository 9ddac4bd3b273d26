// One client binary started for each call.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiles the client. @returns what makes calls of `upstream` with it, or why there is none. */
export async function startBinary(upstream) {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) return { skipped: 'there is no Go' };
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bench-binary-'));
  const program = join(folder, 'client');
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The client was not compiled: ${stderr}`);
  return {
    call: (id) => run(program, { method: 'GET', url: `${upstream}/item/${id}` }),
    stop: () => rm(folder, { recursive: true }),
  };
}

async function run(program, call) {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(call));
  let bytes = 0;
  child.stdout.on('data', (chunk) => (bytes += chunk.length));
  const [code] = await once(child, 'close');
  if (code !== 0 || bytes === 0) throw new Error(`The client ended with ${code} after ${bytes} bytes.`);
}
