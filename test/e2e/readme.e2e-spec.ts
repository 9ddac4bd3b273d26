import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startUpstream } from '#testing';
import { freePort, startStandalone } from './deployment.js';
import type { Standalone } from './deployment.js';

const CREDENTIALS = { API_SCHEDULER_AUTH_USERNAME: 'admin', API_SCHEDULER_AUTH_PASSWORD: 'admin123' };

describe('README.md', () => {
  let readme: string;
  let standalone: Standalone;
  let folder: string;

  beforeAll(async () => {
    readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
    folder = await mkdtemp(join(tmpdir(), 'callboard-readme-'));
    standalone = await startStandalone(CREDENTIALS);
  }, 60_000);

  afterAll(async () => {
    await standalone.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows a first call that works as it stands', async () => {
    const script = /<!-- first call -->\s*```sh\n([^]*?)```/.exec(readme)?.[1] ?? '';
    const port = String(await freePort());
    const { stdout } = await shell(script.replaceAll('http://127.0.0.1:8080', standalone.api).replaceAll('8090', port));
    expect(stdout).toContain('"status":"SUCCESS"');
    expect(stdout.endsWith('{"message":"pong"}')).toBe(true);
  }, 60_000);

  it("shows a generated client's command that works as it stands", async () => {
    const script = /```sh\n(echo '\{"spec"[^]*?)```/.exec(readme)?.[1] ?? '';
    const [traceId] = /(?<="trace_id":")\w{16}/.exec(await listed()) ?? [''];
    const pong = await startUpstream({ '/ping': (_, response) => response.end('{"message":"pong"}') });
    const { stdout } = await shell(
      script
        .replaceAll('http://127.0.0.1:8090', pong.url)
        .replaceAll('generated-clients/{trace_id}', join(standalone.generatedClients, traceId)),
    );
    await pong.close();
    expect(stdout.trim()).toBe('{"message":"pong"}');
  }, 60_000);

  function shell(script: string): Promise<{ stdout: string }> {
    return promisify(execFile)('sh', ['-e', '-c', script], { cwd: folder, timeout: 45_000 });
  }

  async function listed(): Promise<string> {
    const authorization = `Basic ${Buffer.from('admin:admin123').toString('base64')}`;
    return (await fetch(`${standalone.api}/v1/api/spec/0/1`, { headers: { authorization } })).text();
  }
});
