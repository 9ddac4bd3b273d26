import { describe, expect, it } from '@jest/globals';
import { hashPassword } from './password.js';
import { parseUsers } from './users-file.js';
import { Users } from './users.js';

/** As cheap as is taken. */
const HASH = await hashPassword('correct horse: ü', { ln: 14, r: 8, p: 1 });
const SEED = { username: 'admin', password: 'a password' };

function header(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

describe('users', () => {
  it('are known by name and password, of the environment at once and of the file once worked out', async () => {
    const users = new Users(SEED, parseUsers(`anna:${HASH}:reader`));
    expect(users.check(header('admin', 'a password'), 'here')).toMatchObject({ name: 'admin', projects: null });
    const right = header('anna', 'correct horse: ü');
    expect(users.check(right, 'here')).toBeInstanceOf(Promise);
    expect(await users.check(right, 'here')).toMatchObject({ name: 'anna', scopes: new Set(['read']) });
    // It is remembered: nothing is worked out.
    expect(users.check(right, 'here')).toMatchObject({ name: 'anna' });
  });

  it('are nobody with another password or name, and each guess is worked out', async () => {
    const users = new Users(SEED, parseUsers(`anna:${HASH}:reader`));
    for (const [name, password] of [
      ['anna', 'correct horse'],
      ['anna', ''],
      ['ben', 'correct horse: ü'],
      ['admin', 'correct horse: ü'],
    ] as const) {
      const checked = users.check(header(name, password), 'here');
      expect(checked).toBeInstanceOf(Promise);
      expect(await checked).toBeNull();
    }
    expect(users.check('Bearer x', 'here')).toBeNull();
    expect(users.check(undefined, 'here')).toBeNull();
  });

  it('cost nothing to look for where there is no file', () => {
    expect(new Users(SEED).check(header('admin', 'wrong'), 'here')).toBeNull();
  });

  it('are worked out a few at a time: one address waits for itself, and all together for no more than some', async () => {
    const users = new Users(SEED, parseUsers(`anna:${HASH}:reader`));
    const guess = (index: number, address: string) => users.check(header('anna', `guess ${index}`), address);
    const own = [0, 1, 2, 3].map((index) => guess(index, 'here'));
    expect(() => guess(4, 'here')).toThrow('Expected fewer logins at once: try again in a moment.');
    // The same guess again is no further one.
    expect(guess(0, 'there')).toBe(own[0]);
    const others = Array.from({ length: 48 }, (_, index) => guess(100 + index, `there ${index}`));
    expect(() => guess(200, 'elsewhere')).toThrow('Expected fewer logins at once');
    expect(new Set(await Promise.all([...own, ...others]))).toEqual(new Set([null]));
    expect(await users.check(header('anna', 'correct horse: ü'), 'here')).toMatchObject({ name: 'anna' });
  }, 30_000);

  it('of the file must not have the name of the one of the environment', () => {
    expect(() => new Users(SEED, parseUsers(`admin:${HASH}:reader`))).toThrow(
      'Expected API_USERS_FILE to leave out the user of API_SCHEDULER_AUTH_USERNAME, got a line for it.',
    );
  });
});
