import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, digestOf } from './host.mjs';
import { launch, run, serves } from './processes.mjs';

const requirements = join(import.meta.dirname, 'httpbin-requirements.txt');
const venv = join(cacheDir, `httpbin-${digestOf(requirements)}`);

/** httpbin: a real upstream that nobody here wrote. */
export const httpbin = {
  name: 'httpbin',
  /** Debian's python3 comes without what makes a virtual environment. */
  get packages() {
    return spawnSync('python3', ['-c', 'import ensurepip']).status === 0 ? [] : ['python3-venv'];
  },
  tools: { python3: 'https://www.python.org' },
  ports: { http: 8899 },
  installed: () => existsSync(join(venv, 'complete')),
  async install() {
    await run('python3', ['-m', 'venv', venv]);
    await run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--no-input', '-r', requirements]);
    writeFileSync(join(venv, 'complete'), '');
  },
  async start({ ports, folder, log }) {
    const running = await launch({
      name: 'gunicorn',
      command: join(venv, 'bin', 'gunicorn'),
      // Threads, so that many delayed answers can be under way at once.
      args: ['--bind', `127.0.0.1:${String(ports.http)}`, '--threads', '64', '--timeout', '120', 'httpbin:app'],
      cwd: folder,
      log,
    });
    return [running];
  },
  ready: ({ ports }) => serves(`http://127.0.0.1:${String(ports.http)}/status/200`),
  environment: ({ ports }) => ({ HTTPBIN_URL: `http://127.0.0.1:${String(ports.http)}` }),
};
