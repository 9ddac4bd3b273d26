/** What the system itself keeps a child process to, even when its host is gone and can no longer do so. */
export interface ProcessLimits {
  /** Seconds of processor time, all threads together. */
  readonly cpuSeconds: number;
  /** Memory that it may write to, in kilobytes. Absent, the process has limits of its own. */
  readonly memoryKb?: number;
  /** The largest file that it may write, in bytes; 0 for none at all. Absent, any. */
  readonly fileBytes?: number;
}

/** What ulimit counts files in. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ulimit.html */
const BLOCK_BYTES = 512;
/** A system without one of these limits starts the program without it. A dump of memory would hold the document. */
const SCRIPT = `
ulimit -c 0 2>/dev/null
ulimit -t "$1" 2>/dev/null
ulimit -d "$2" 2>/dev/null
ulimit -f "$3" 2>/dev/null
shift 3
exec "$@"`;

/** A command that starts `command` within limits, by the same process id. On Windows, which has none, the command itself. */
export function withLimits(
  command: readonly [string, ...string[]],
  { cpuSeconds, memoryKb, fileBytes }: ProcessLimits,
): readonly [string, ...string[]] {
  if (process.platform === 'win32') return command;
  const memory = memoryKb === undefined ? 'unlimited' : String(memoryKb);
  const files = fileBytes === undefined ? 'unlimited' : String(Math.ceil(fileBytes / BLOCK_BYTES));
  return ['/bin/sh', '-c', SCRIPT, 'sh', String(cpuSeconds), memory, files, ...command];
}
