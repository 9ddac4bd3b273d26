import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { InvalidInput, SCOPES, Unavailable } from '#core';
import type { Scope } from '#core';
import { pairChecker, pairOf } from './basic-auth.js';
import type { BasicCredentials } from './basic-auth.js';
import { hashOfNone, isPassword } from './password.js';
import type { FileUser } from './users-file.js';

/** Somebody who has proved a name and a password. */
export type User = Pick<FileUser, 'name' | 'scopes' | 'projects'>;

/** How many pairs that were right are remembered: the least recently used go first. */
const MOST_REMEMBERED = 1_000;
/** How many passwords are hashed at once. They share the system's threads with the files. */
const MOST_AT_ONCE = 2;
/** How many wait for that, and how many of one address. */
const MOST_WAITING = 50;
const MOST_OF_ONE = 4;

/**
 * The users of HTTP Basic: the one of the environment, and those of the users file. A hash of the file is slow on
 * purpose, so it is paid once for each right pair, which is remembered by a keyed hash of its own, and no more than a
 * few are worked out at a time: whoever sends wrong passwords keeps others from logging in anew for a while at most.
 */
export class Users {
  /** Whether an Authorization header holds the credentials of the environment. */
  readonly isSeed: (authorization: string | undefined) => boolean;
  private readonly seed: User;
  private readonly users: ReadonlyMap<string, FileUser>;
  private readonly nobody: FileUser['password'] | undefined;
  private readonly secret = randomBytes(32);
  private readonly remembered = new LRUCache<string, User>({ max: MOST_REMEMBERED });
  private readonly underWay = new Map<string, Promise<User | null>>();
  private readonly ofAddress = new Map<string, number>();
  private readonly line: (() => void)[] = [];
  private busy = 0;

  /**
   * @param credentials of the user of the environment, who may do anything anywhere
   * @throws InvalidInput when the file has a user of that name.
   */
  constructor(credentials: BasicCredentials, users: readonly FileUser[] = []) {
    this.isSeed = pairChecker(credentials);
    this.seed = { name: credentials.username, scopes: new Set<Scope>(SCOPES), projects: null };
    this.users = new Map(users.map((user) => [user.name, user]));
    if (this.users.has(credentials.username)) throw twoOfOneName();
    const [first] = users;
    this.nobody = first && hashOfNone(first.password);
  }

  /**
   * Who an Authorization header proves to come; null for nobody. At once where it can be told at once.
   * @param address of the caller: one that asks for many at a time waits for itself.
   * @throws Unavailable when too many passwords are being worked out.
   */
  check(authorization: string | undefined, address: string): User | null | Promise<User | null> {
    if (this.isSeed(authorization)) return this.seed;
    const pair = pairOf(authorization);
    if (pair === undefined || !this.nobody) return null;
    const mark = createHmac('sha256', this.secret).update(pair).digest('base64url');
    return this.remembered.get(mark) ?? this.underWay.get(mark) ?? this.workOut(mark, pair, this.nobody, address);
  }

  private workOut(mark: string, pair: string, nobody: FileUser['password'], address: string): Promise<User | null> {
    const own = this.ofAddress.get(address) ?? 0;
    if (own >= MOST_OF_ONE || this.line.length >= MOST_WAITING) throw tooManyLogins();
    this.ofAddress.set(address, own + 1);
    const working = this.judge(pair, nobody)
      .then((user) => {
        if (user) this.remembered.set(mark, user);
        return user;
      })
      .finally(() => {
        this.underWay.delete(mark);
        const left = (this.ofAddress.get(address) ?? 1) - 1;
        if (left > 0) this.ofAddress.set(address, left);
        else this.ofAddress.delete(address);
      });
    this.underWay.set(mark, working);
    return working;
  }

  private async judge(pair: string, nobody: FileUser['password']): Promise<User | null> {
    const colon = pair.indexOf(':');
    const user = this.users.get(pair.slice(0, colon));
    if (this.busy >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.line.push(resolve));
    else this.busy += 1;
    try {
      // A name that nobody has takes as long as one that somebody has.
      const isRight = await isPassword(pair.slice(colon + 1), user?.password ?? nobody);
      return isRight && user ? user : null;
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.busy -= 1;
    }
  }
}

function tooManyLogins(): Unavailable {
  return new Unavailable('LOGINS_BUSY', 'Expected fewer logins at once: try again in a moment.');
}

function twoOfOneName(): InvalidInput {
  const sentence = 'Expected API_USERS_FILE to leave out the user of API_SCHEDULER_AUTH_USERNAME, got a line for it.';
  return new InvalidInput('USERS_FILE_INVALID', sentence);
}
