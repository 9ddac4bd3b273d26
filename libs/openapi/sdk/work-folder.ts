import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The name tells whose it is, so that others can see when nobody needs it any more. */
const NAME = /^callboard-sdk-(\d+)-/;

/** A new temporary folder of this process. Those that processes left behind which are no more are removed. */
export async function workFolder(): Promise<string> {
  const root = await realpath(tmpdir());
  for (const name of await readdir(root)) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    // One that belongs to another user stays.
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return mkdtemp(join(root, `callboard-sdk-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
