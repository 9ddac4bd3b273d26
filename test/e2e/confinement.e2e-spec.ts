import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CallboardClient } from './callboard-client.js';
import { startStandalone } from './deployment.js';
import type { Standalone } from './deployment.js';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENT = { openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/a': { get: { responses: {} } } } };
/** Tries what the process that reads documents must not be able to do, and prints what came of each. */
const TRIES = `
const tries = {
  'read a file': () => require('node:fs').readFileSync('/etc/passwd'),
  'list a folder': () => require('node:fs').readdirSync('/'),
  'read the configuration': () => require('node:fs').readFileSync(${JSON.stringify(join(ROOT, '.env'))}),
  'write a file': () => require('node:fs').writeFileSync('x', 'x'),
  'start a program': () => require('node:child_process').execFileSync('/bin/true'),
  'evaluate text': () => eval('1'),
  'make a function of text': () => new Function('return 1'),
  'reach what objects share by __proto__': () => ({}).__proto__.toString(),
};
const outcomes = {};
for (const [name, attempt] of Object.entries(tries)) {
  try { attempt(); outcomes[name] = 'done'; } catch (error) { outcomes[name] = error.code ?? error.name; }
}
console.log(JSON.stringify(outcomes));`;

const isLinux = process.platform === 'linux';

(isLinux ? describe : describe.skip)('the process that reads documents', () => {
  let standalone: Standalone;
  let pid: string;
  const of = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');

  beforeAll(async () => {
    standalone = await startStandalone({ SECRET_OF_THE_HOST: 'not for strangers' });
    const callboard = new CallboardClient(standalone);
    await callboard.specEnded(await callboard.register('confined', JSON.stringify(DOCUMENT)));
    const host = String(standalone.process.child.pid);
    const started = execFileSync('ps', ['--ppid', host, '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    pid =
      /^\s*(\d+) .*generator\/child/.exec(started.find((line) => line.includes('generator/child')) ?? '')?.[1] ?? '';
  }, 60_000);
  afterAll(() => standalone.stop(), 30_000);

  it('has an environment without anything of its host', () => {
    const names = of('environ')
      .split('\0')
      .map((entry) => entry.split('=')[0]);
    const own = names.filter((name) => name !== '' && name !== 'PWD' && name !== 'OLDPWD' && name !== '_');
    expect(own.sort()).toEqual(['NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE']);
  });

  it('inherits no descriptor but its pipes', () => {
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)] as const);
    const sockets = open.filter(([, target]) => target.startsWith('socket:')).map(([fd]) => fd);
    expect(sockets.sort()).toEqual(['2', '3', '4']);
    const others = open.map(([, target]) => target).filter((target) => !target.startsWith('socket:'));
    for (const target of others) expect(target).toMatch(/^(\/dev\/null|pipe:|anon_inode:)/);
  });

  it('stands in an empty folder', () => {
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has limits of memory, processor time, files and dumps', () => {
    const limits = of('limits');
    expect(limits).toMatch(/^Max cpu time +\d+ +\d+ +seconds/m);
    expect(limits).toMatch(/^Max data size +\d+ +\d+ +bytes/m);
    expect(limits).toMatch(/^Max file size +0 +0 +bytes/m);
    expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
    expect(of('cmdline')).toContain('--max-old-space-size=');
  });

  it('can neither read nor write files, nor start programs, nor make code of text', () => {
    const [program = '', ...args] = of('cmdline')
      .split('\0')
      .filter((word) => word !== '');
    const options = args.filter((word) => word.startsWith('--'));
    const { stdout, stderr } = spawnSync(program, [...options, '--eval', TRIES], { encoding: 'utf8', env: {} });
    expect(JSON.parse(stdout === '' ? JSON.stringify(stderr) : stdout)).toEqual({
      'read a file': 'ERR_ACCESS_DENIED',
      'list a folder': 'ERR_ACCESS_DENIED',
      'read the configuration': 'ERR_ACCESS_DENIED',
      'write a file': 'ERR_ACCESS_DENIED',
      'start a program': 'ERR_ACCESS_DENIED',
      'evaluate text': 'EvalError',
      'make a function of text': 'EvalError',
      'reach what objects share by __proto__': 'TypeError',
    });
  });
});

describe('generation and review', () => {
  it('need no network', () => {
    // A network of its own has not even a loopback that is up.
    const script = `
      import { ClientGenerator, typecheck } from '${join(ROOT, 'dist/libs/openapi/index.js')}';
      import { connect } from 'node:net';
      const fault = await new Promise((resolve) => connect(9, '127.0.0.1').on('error', resolve));
      const generator = new ClientGenerator();
      const { types, table } = await generator.generate(Buffer.from(${JSON.stringify(JSON.stringify(DOCUMENT))}));
      await generator.close();
      console.log(JSON.stringify([fault.code, table.operations.length, await typecheck({ 'types.ts': types })]));`;
    const command = ['--net', '--map-root-user', process.execPath, '--input-type=module', '--eval', script];
    const { stdout, stderr, error } = spawnSync('unshare', command, { encoding: 'utf8', cwd: ROOT });
    if (error !== undefined || stderr.startsWith('unshare:')) {
      console.warn(`Not tried without a network: ${error?.message ?? stderr}`);
      return;
    }
    expect(JSON.parse(stdout)).toEqual(['ENETUNREACH', 1, null]);
  }, 60_000);
});
