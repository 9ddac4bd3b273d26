import { describe, expect, it } from '@jest/globals';
import { hashPassword, isPassword, parsePasswordHash } from './password.js';
import { parseUsers, readUsersFile } from './users-file.js';

const HASH = await hashPassword('correct horse');

describe('the users file', () => {
  it('gives users their scopes and projects, by role or by scopes', () => {
    const text = [
      '# who may come in',
      '',
      `anna:${HASH}:manager`,
      ` ben : ${HASH} : read,schedule : shop, default `,
      `root ü:${HASH}:admin:*\r`,
    ].join('\n');
    const users = parseUsers(text).map(({ name, scopes, projects }) => [name, [...scopes], projects && [...projects]]);
    expect(users).toEqual([
      ['anna', ['read', 'schedule', 'manage'], ['default']],
      ['ben', ['read', 'schedule'], ['shop', 'default']],
      ['root ü', ['read', 'schedule', 'manage', 'admin'], null],
    ]);
  });

  it.each([
    [`:${HASH}:reader`, 'name'],
    [`a\u0007:${HASH}:reader`, 'name'],
    ['anna:hunter2hunter2:reader', 'password hash'],
    [`anna:${HASH.replace('ln=15', 'ln=4')}:reader`, 'password hash'],
    [`anna:${HASH.replace('ln=15', 'ln=30')}:reader`, 'password hash'],
    [`anna:${HASH}:boss`, 'role'],
    [`anna:${HASH}:read,boss`, 'role'],
    [`anna:${HASH}:constructor`, 'role'],
    [`anna:${HASH}`, 'role'],
    [`anna:${HASH}:reader:Sh op`, 'projects'],
    [`anna:${HASH}:reader:shop:`, 'projects'],
    [`anna:${HASH}:reader:`, 'projects'],
    [`ok:${HASH}:reader`, 'name'],
  ])('stops the start at a fault, naming line and field, and never the hash: %#', (line, field) => {
    const parse = () => parseUsers(`ok:${HASH}:reader\n\n${line}\n`);
    expect(parse).toThrow(`Expected the ${field} in line 3 of API_USERS_FILE to be `);
    expect(parse).not.toThrow(/scrypt|hunter2/);
  });

  it('has to be there', () => {
    expect(() => readUsersFile('/nowhere/users')).toThrow(
      'Expected API_USERS_FILE to name a readable file, got ENOENT.',
    );
  });
});

describe('a password', () => {
  it('is known by its hash, and no other is', async () => {
    const hash = parsePasswordHash(HASH);
    expect(hash).toMatchObject({ ln: 15, r: 8, p: 3 });
    expect(hash && (await isPassword('correct horse', hash))).toBe(true);
    expect(hash && (await isPassword('correct horsf', hash))).toBe(false);
    expect(await hashPassword('correct horse')).not.toBe(HASH);
  });
});
