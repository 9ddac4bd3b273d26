import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isPassword } from '../api/auth/password.js';
import { parseUsers } from '../api/auth/users-file.js';
import { runUserCommand } from './user-command.js';

const PASSWORD = 'correct horse: ü';

describe('the command for users', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-users-'));
    file = join(folder, 'users');
  });
  afterAll(() => rm(folder, { recursive: true }));

  function run(...args: string[]): Promise<string> {
    return runUserCommand(args, Readable.from([`${PASSWORD}\n`]));
  }

  it('prints a line that the API takes', async () => {
    const [user] = parseUsers(await run('add', 'anna', '--role', 'manager', '--projects', 'default,shop'));
    expect(user).toMatchObject({ name: 'anna', projects: new Set(['default', 'shop']) });
    expect(user && (await isPassword(PASSWORD, user.password))).toBe(true);
  });

  it('writes a file for its owner alone, replaces a user and removes one, and leaves the rest', async () => {
    await writeFile(file, '# who may come in');
    await run('add', 'anna', '--role', 'reader', '--file', file);
    await run('add', 'ben', '--role', 'read,schedule', '--file', file);
    await run('add', 'anna', '--role', 'admin', '--projects', '*', '--file', file);
    const users = parseUsers(await readFile(file, 'utf8')).map(({ name, scopes }) => [name, scopes.size]);
    expect(users).toEqual([
      ['anna', 4],
      ['ben', 2],
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await run('remove', 'anna', '--file', file);
    expect(await readFile(file, 'utf8')).toMatch(/^# who may come in\nben:[^\n]+\n$/);
    await expect(run('remove', 'anna', '--file', file)).rejects.toThrow('Expected a user of');
  });

  it.each([
    [['add', 'anna'], 'Expected the role in line 1'],
    [['add', 'an:na', '--role', 'reader'], 'Expected the password hash in line 1'],
    [['add', 'anna', '--role', 'boss'], 'Expected the role in line 1'],
    [['drop', 'anna'], 'Usage:'],
    [['add', 'anna', '--password', PASSWORD], 'Usage:'],
    [[], 'Usage:'],
  ])('refuses %j', async (args, sentence) => {
    await expect(run(...args)).rejects.toThrow(sentence);
  });

  it('refuses a short password', async () => {
    await expect(runUserCommand(['add', 'anna', '--role', 'reader'], Readable.from(['short\n']))).rejects.toThrow(
      'Expected a password of 12 to 1000 characters, got one of 5.',
    );
  });
});
