import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { ClientGenerator } from './generator/client-generator.js';
import { typecheck } from './review/typecheck.js';

/** A document whose client takes seconds. */
const SLOW = JSON.stringify({
  openapi: '3.0.3',
  paths: {},
  components: {
    schemas: Object.fromEntries(
      Array.from({ length: 4_000 }, (_, index) => [
        `S${index}`,
        { type: 'object', properties: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`p${at}`, {}])) },
      ]),
    ),
  },
});
/** Types that keep the compiler busy for longer than any test waits. */
const ENDLESS = `type Loop<T extends unknown[], N extends number> = T['length'] extends N ? T : Loop<[...T, 0], N>;
${Array.from({ length: 200 }, (_, i) => `export type A${i} = Loop<[], ${900 + (i % 90)}>; export const a${i}: A${i}['length'] = 1 as never as A${i}['length'];`).join('\n')}`;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(' ') };
  });
}

/** Generators and compilers that a process has started. */
function startedBy(parent: number): Process[] {
  return processes().filter((each) => each.parent === parent && /generator\/child|\/tsc /.test(each.command));
}

async function until(condition: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited ${seconds} s in vain.`);
}

const folders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`callboard-review-${hostname()}-${process.pid}-`));

describe('processes and folders', () => {
  it('are gone after faults, aborts, deadlines and kills', async () => {
    const before = await folders();
    const generator = new ClientGenerator({ slots: 2, timeoutMs: 5_000 });
    const impatient = new ClientGenerator({ timeoutMs: 200 });
    const ends: Promise<unknown>[] = [];
    for (let round = 0; round < 3; round += 1) {
      const abort = new AbortController();
      const fails = (work: Promise<unknown>): void => void ends.push(work.catch(() => undefined));
      fails(generator.generate(Buffer.from('{"openapi": [')));
      fails(generator.generate(Buffer.from(SLOW), { signal: abort.signal, onYaml: async () => abort.abort() }));
      fails(generator.generate(Buffer.from('{}'), { onYaml: () => Promise.reject(new Error('No.')) }));
      fails(impatient.generate(Buffer.from(SLOW)));
      fails(typecheck({ 'a.ts': ENDLESS }, { timeoutMs: 50 * round + 1 }));
      fails(typecheck({ 'a.ts': ENDLESS }, { signal: AbortSignal.timeout(40 * round + 1) }));
      fails(typecheck({ 'a.ts': 'const x: string = 1;' }));
      await until(() => startedBy(process.pid).length > 0, 10);
      for (const { pid } of startedBy(process.pid).slice(0, 1)) process.kill(pid, 'SIGKILL');
    }
    await Promise.all(ends);
    await Promise.all([generator.close(), impatient.close()]);
    await until(() => startedBy(process.pid).length === 0, 10);
    // A process is gone a moment before its host hears of it and removes its folder.
    await until(async () => (await folders()).every((name) => before.includes(name)), 10);
  }, 60_000);

  it('a host that is killed takes its generator and its compiler with it', async () => {
    const before = await folders();
    // The compiler's time of a second is what the system gives it, too, on each core.
    const script = `
      import { ClientGenerator, typecheck } from '#openapi';
      const generator = new ClientGenerator();
      await generator.generate(Buffer.from('{"openapi": "3.0.3", "paths": {}}'));
      const schemas = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => ['S' + index, {}]));
      void generator.generate(Buffer.from(JSON.stringify({ openapi: '3.0.3', paths: {}, components: { schemas } })));
      void typecheck({ 'a.ts': ${JSON.stringify(ENDLESS)} }, { timeoutMs: 2_000 });`;
    const host = spawn(
      process.execPath,
      ['--conditions=callboard-source', '--import', 'tsx', '--input-type=module', '-e', script],
      { stdio: 'ignore' },
    );
    await until(() => startedBy(host.pid ?? 0).length === 2, 40);
    const started = startedBy(host.pid ?? 0).map(({ pid }) => pid);
    host.kill('SIGKILL');
    await once(host, 'exit');
    await until(() => processes().every(({ pid }) => !started.includes(pid)), 30);
    for (const name of await folders()) {
      if (!before.includes(name)) await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  }, 100_000);
});
