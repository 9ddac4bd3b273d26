import { mkdir, mkdtemp, readFile, rm, symlink, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { NotInstalled, Permanent } from '#core';
import { confine } from './confine.js';
import { LastWords } from './fault.js';
import { SdkInstallation } from './installation.js';
import { GENERATOR_VERSION, JAR_SHA256 } from './jar.js';
import { majorOf } from './java.js';
import { confinement } from './policy.js';
import { filesOf } from './tree.js';
import { zipOf } from './zip.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-sdk-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the jar is the one that the tool fetches', async () => {
  const tool = await readFile(join(import.meta.dirname, '../../../tools/openapi-generator.mjs'), 'utf8');
  expect(tool).toContain(`const VERSION = '${GENERATOR_VERSION}'`);
  expect(tool).toContain(`const SHA256 = '${JAR_SHA256}'`);
});

describe('what is installed', () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "24-ea" 2025-03-18', 24],
    ['openjdk version "11.0.2"', 11],
    ['command not found', null],
  ])('%s is Java %p', (told, major) => {
    expect(majorOf(told)).toBe(major);
  });

  async function putJava(version: string): Promise<void> {
    await writeFile(join(folder, 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
    await chmod(join(folder, 'java'), 0o755);
  }
  async function sentence(): Promise<string> {
    const installation = new SdkInstallation({ path: folder, jar: join(folder, 'the.jar') });
    const error: unknown = await installation.find().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NotInstalled);
    return (error as NotInstalled).message;
  }

  it('names Java and the jar when both are missing', async () => {
    expect(await sentence()).toBe(
      'Making SDKs needs Java 11 or newer (`java` on the PATH, or JAVA_HOME) and the jar of OpenAPI Generator 7.25.0 ' +
        '(run `node tools/openapi-generator.mjs help` once, or set OPENAPI_GENERATOR_JAR): install it where the API and ' +
        'the workers run.',
    );
  });

  it('names the one that is missing, and tells of no folder', async () => {
    await writeFile(join(folder, 'the.jar'), '');
    expect(await sentence()).toMatch(
      /^Making SDKs needs Java 11 or newer \(`java` on the PATH, or JAVA_HOME\): install/,
    );
    await rm(join(folder, 'the.jar'));
    await putJava('17.0.1');
    expect(await sentence()).toMatch(/^Making SDKs needs the jar of OpenAPI Generator/);
    expect(await sentence()).not.toContain(folder);
  });

  it('takes neither an old Java nor another jar', async () => {
    await writeFile(join(folder, 'the.jar'), 'another');
    await putJava('1.8.0');
    expect(await sentence()).toContain('got version 8.');
    await putJava('17.0.1');
    expect(await sentence()).toContain('the file in its place is another');
  });

  it('looks at JAVA_HOME only where it is set', async () => {
    await putJava('17.0.1');
    const places = { path: folder, javaHome: join(folder, 'home'), jar: join(folder, 'the.jar') };
    await expect(new SdkInstallation(places).find()).rejects.toThrow('needs Java 11 or newer');
  });
});

describe('a confined document', () => {
  it('leads nowhere outside itself', () => {
    const inner = { $ref: '#/components/schemas/A' };
    const document = {
      openapi: '3.0.3',
      a: [inner, { $ref: 'file:///etc/passwd', kept: 1 }, { $ref: 'other.yaml#/x' }],
      properties: { $ref: { type: 'string' } },
      discriminator: {
        propertyName: 'k',
        mapping: { a: '#/x', b: 'A', c: 'http://127.0.0.1/x', d: '../x.yaml', e: 7 },
      },
    };
    expect(confine(document)).toEqual({
      openapi: '3.0.3',
      a: [inner, { kept: 1 }, {}],
      properties: { $ref: { type: 'string' } },
      discriminator: { propertyName: 'k', mapping: { a: '#/x', b: 'A' } },
    });
  });

  it('has a version that is known', () => {
    expect(confine({ openapi: '3.2.0' })).toEqual({ openapi: '3.1.1' });
  });
});

describe('Java', () => {
  it('is confined by a security manager as long as there is one, and has no way to the network ever', () => {
    expect(confinement(17, '/j', '/f')).toContain('-Djava.security.policy==/f/policy');
    expect(confinement(24, '/j', '/f')).not.toContain('-Djava.security.manager');
    expect(confinement(24, '/j', '/f')).toContain('-DsocksProxyHost=127.0.0.1');
  });
});

describe('what Java says at its end', () => {
  function told(text: string): string | null {
    const words = new LastWords();
    words.add(Buffer.from(text));
    return words.fault(['/tmp/callboard-x', '/home/me/jars']);
  }

  it('is its exception and the first cause, on one line and without folders', () => {
    const trace =
      'WARNING: something\nException in thread "main" java.lang.RuntimeException: Could not write /tmp/callboard-x/out/a\n' +
      '\tat a.b(C.java:1)\nCaused by: x.Y: middle\nCaused by: java.io.Odd$E: access denied.\n\t... 3 more\n';
    expect(told(trace)).toBe('Could not write …/out/a: access denied');
  });

  it('is kept from a flood of lines', () => {
    const flood = `Exception in thread "main" a.B: first\n${'\tat a.b(C.java:1)\n'.repeat(50_000)}Caused by: a.C: last\n`;
    expect(told(flood)).toBe('first: last');
  });

  it('is nothing when nothing was said', () => {
    expect(told('a line')).toBeNull();
  });
});

describe('the files of an SDK', () => {
  it('are all below its folder, by name', async () => {
    await mkdir(join(folder, 'b/c'), { recursive: true });
    await writeFile(join(folder, 'b/c/x.go'), '12345');
    await writeFile(join(folder, 'a.sh'), 'run', { mode: 0o755 });
    expect(await filesOf(folder, 8)).toEqual([
      { name: 'a.sh', bytes: 3, isProgram: true },
      { name: 'b/c/x.go', bytes: 5, isProgram: false },
    ]);
    await expect(filesOf(folder, 7)).rejects.toThrow('SDK_MAX_BYTES');
    expect(await filesOf(join(folder, 'none'), 7)).toEqual([]);
  });

  it('are no links, and have names that mean the same everywhere', async () => {
    await symlink('/etc/passwd', join(folder, 'link'));
    await expect(filesOf(folder, 8)).rejects.toBeInstanceOf(Permanent);
    await rm(join(folder, 'link'));
    await writeFile(join(folder, '..\\up'), '');
    await expect(filesOf(folder, 8)).rejects.toThrow('Expected an SDK of plain names, got');
  });

  it('become a zip that is read file by file', async () => {
    await writeFile(join(folder, 'a.txt'), 'a'.repeat(100_000));
    await writeFile(join(folder, 'b'), '');
    const bytes = await buffer(zipOf(folder, await filesOf(folder, 1e6), 'sdk'));
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    expect(bytes.includes('sdk/a.txt')).toBe(true);
    expect(bytes.length).toBeLessThan(2_000);
  });

  it('fail the zip when one has become a link', async () => {
    const files = [{ name: 'a', bytes: 1, isProgram: false }];
    await symlink('/etc/passwd', join(folder, 'a'));
    await expect(buffer(zipOf(folder, files, 'sdk'))).rejects.toThrow('ELOOP');
  });
});
