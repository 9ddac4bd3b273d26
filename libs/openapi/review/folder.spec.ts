import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, rm, symlink } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeFolder, sweepFolders } from './folder.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const made: string[] = [];

/** A process that has just ended. */
const dead = (): number => spawnSync(process.execPath, ['--version']).pid;
const named = (host: string, pid: number): string => join(tmpdir(), `callboard-review-${host}-${pid}-AbC123`);

async function leave(path: string): Promise<string> {
  made.push(path);
  await mkdir(join(path, 'runtime'), { recursive: true });
  return path;
}

/** Looks for leftovers so many milliseconds after a folder was made. */
async function sweepAfter(path: string, ms: number): Promise<void> {
  const { mtimeMs } = await lstat(path);
  await sweepFolders(mtimeMs + ms);
}

describe('a folder of a review', () => {
  afterEach(async () => {
    await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true, force: true })));
  });

  it('goes when its process is gone', async () => {
    const path = await leave(named(hostname(), dead()));
    await sweepAfter(path, DAY_MS);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['its process runs', (): string => named(hostname(), process.pid), DAY_MS],
    ['it is young', (): string => named(hostname(), dead()), 0],
    ['it is of another host', (): string => named('elsewhere.example', dead()), DAY_MS],
    ['its name tells no process', (): string => join(tmpdir(), 'callboard-review-other'), DAY_MS],
  ])('stays when %s', async (_, name, later) => {
    const path = await leave(name());
    await sweepAfter(path, later);
    expect(existsSync(path)).toBe(true);
  });

  it('stays, with all in it, what a link leads to', async () => {
    const target = await leave(join(tmpdir(), `callboard-kept-${process.pid}`));
    const link = named(hostname(), dead());
    made.push(link);
    await symlink(target, link);
    await sweepAfter(link, DAY_MS);
    expect(existsSync(join(target, 'runtime'))).toBe(true);
  });

  it('tells its process', async () => {
    const path = await leave(await makeFolder());
    expect(path).toContain(`callboard-review-${hostname()}-${process.pid}-`);
  });
});
