import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'callboard-review-';
/** Who made a folder: `callboard-review-{host}-{process}-{random}`. */
const MADE_BY = /^callboard-review-(.+)-(\d+)-\w{6}$/;
/** More leftovers than this wait for the next process. */
const MOST_SWEPT = 100;
/** A process on another machine, or in another container, may have the same number: what is young is left alone. */
const YOUNG_MS = 60 * 60 * 1000;

let swept: Promise<void> | undefined;

/**
 * A new folder of this process among the temporary ones. The first time what processes left behind that were killed in
 * the middle of a review is removed: at most a hundred folders, of this host's processes that no longer run, an hour old.
 */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(folderPrefix());
  // The file system's own time is the one to compare ages by.
  swept ??= lstat(folder).then(({ mtimeMs }) => sweepFolders(mtimeMs));
  await swept;
  return folder;
}

/** How the paths of this process's folders begin: what it leaves behind is known by it. */
export function folderPrefix(): string {
  return join(tmpdir(), `${PREFIX}${hostname()}-${process.pid}-`);
}

/** @param now in milliseconds since 1970. What cannot be removed stays: it is no fault of the document under review. */
export async function sweepFolders(now: number): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const left = names.filter(isLeft).slice(0, MOST_SWEPT);
  for (const name of left) {
    const path = join(tmpdir(), name);
    const found = await lstat(path).catch(() => null);
    // Somebody else's link by that name leads anywhere.
    if (found?.isDirectory() && now - found.mtimeMs > YOUNG_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isLeft(name: string): boolean {
  const [, host, pid] = MADE_BY.exec(name) ?? [];
  return host === hostname() && pid !== undefined && !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user's runs, too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
