import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { InvalidInput, newTraceId } from '#core';
import { hashPassword } from '../api/auth/password.js';
import { parseUsers } from '../api/auth/users-file.js';

const USAGE = `Usage: npm run user -- add NAME --role ROLE [--projects PROJECTS] [--file FILE]
       npm run user -- remove NAME --file FILE
ROLE is reader, scheduler, manager or admin, or scopes joined by commas; PROJECTS are names joined by commas, or *.
The password is asked for, or read from standard input. Without a file the line for it is printed.`;

const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 1_000;

/**
 * Adds a user to a users file, in place of one of the same name, or removes one.
 * @param input where the password comes from; a terminal is asked, and shows nothing of it
 * @returns what to print. @throws InvalidInput in one sentence.
 */
export async function runUserCommand(
  args: readonly string[],
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
): Promise<string> {
  const { values, positionals } = readArguments(args);
  const [verb, name = '', ...more] = positionals;
  const { role = '', projects, file } = values;
  if (more.length > 0 || name === '') throw new InvalidInput('USAGE', USAGE);
  if (verb === 'remove' && file !== undefined) {
    if (!change(file, name, null))
      throw new InvalidInput('USER_UNKNOWN', `Expected a user of ${file}, got another name.`);
    return `Removed from ${file}. A running API lets this user in until it is started again.\n`;
  }
  if (verb !== 'add') throw new InvalidInput('USAGE', USAGE);
  // Faults are told before a password is asked for.
  const line = (hash: string) => [name, hash, role, ...(projects === undefined ? [] : [projects])].join(':');
  parseUsers(line(await hashPassword('', { ln: 14, r: 8, p: 1 })));
  const made = line(await hashPassword(await readPassword(input)));
  if (file === undefined) return `${made}\n`;
  change(file, name, made);
  return `Written to ${file}. A running API reads it when it is started again.\n`;
}

function readArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { role: text, projects: text, file: text };
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    throw new InvalidInput('USAGE', USAGE);
  }
}

async function readPassword(input: NodeJS.ReadableStream & { readonly isTTY?: boolean }): Promise<string> {
  if (input.isTTY) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: input.isTTY === true });
  let password = '';
  for await (const first of lines) {
    password = first;
    break;
  }
  lines.close();
  if (input.isTTY) process.stderr.write('\n');
  const { length } = password;
  if (length >= SHORTEST_PASSWORD && length <= LONGEST_PASSWORD) return password;
  const expected = `a password of ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`;
  throw new InvalidInput('PASSWORD_UNSUITABLE', `Expected ${expected}, got one of ${length}.`);
}

/** Puts a line in the place of a user's, or takes that away. @returns whether there was one. */
function change(file: string, name: string, line: string | null): boolean {
  const old = readIfThere(file);
  // A file with a fault is not made worse.
  parseUsers(old);
  const lines = old.split('\n');
  const isOf = (each: string) => !each.startsWith('#') && each.split(':', 1)[0]?.trim() === name;
  const index = lines.findIndex(isOf);
  if (index >= 0) lines.splice(index, 1, ...(line === null ? [] : [line]));
  else if (line !== null) lines.splice(lines.at(-1) === '' ? lines.length - 1 : lines.length, 0, line);
  const text = lines.join('\n');
  // Read whole or not at all, by nobody else.
  const temporary = `${file}.${newTraceId()}`;
  writeFileSync(temporary, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, file);
  return index >= 0;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return '';
    throw new InvalidInput('USERS_FILE_UNREADABLE', `Expected ${file} to be a file of users, got ${code}.`);
  }
}
