import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLimits } from '../process-limits.js';
import { folderPrefix } from '../review/folder.js';

/** Beside its heap: the document, pieces of texts, threads. */
const MEMORY_BESIDE_HEAP_MB = 1536;
const IS_SOURCE = import.meta.url.endsWith('.ts');
/** The compiled entry stands beside this file; from source it runs through tsx, which the product does not need. */
const ENTRY = fileURLToPath(new URL(IS_SOURCE ? './child.ts' : './child.js', import.meta.url));

/** Seconds of processor time that one document may take at the most, on however many cores. */
export function cpuSecondsOf(timeoutMs: number): number {
  return Math.ceil(timeoutMs / 1000) * availableParallelism();
}

/**
 * Starts the process that reads documents, with nothing that it does not need: no environment, no descriptors but its
 * pipes, an empty folder to be in, no files but its own code, no programs, no code made of text; limits of the system's
 * on memory, processor time and files. Its connection to nowhere is for whoever runs it to ensure; it opens none.
 * @param timeoutMs for one document. A process may take two of them before it has to be replaced.
 */
export function startChild(heapMb: number, timeoutMs: number): ChildProcess {
  const folder = mkdtempSync(folderPrefix());
  const node = [...memory(heapMb), ...(IS_SOURCE ? fromSource() : confinement()), ENTRY] as const;
  const [program, ...args] = withLimits([process.execPath, ...node], {
    cpuSeconds: 2 * cpuSecondsOf(timeoutMs),
    memoryKb: (heapMb + MEMORY_BESIDE_HEAP_MB) * 1024,
    // From source tsx keeps what it has compiled.
    ...(IS_SOURCE ? {} : { fileBytes: 0 }),
  });
  const child = spawn(program, args, {
    cwd: folder,
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
  });
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  child.once('exit', remove).once('error', remove);
  return child;
}

function memory(heapMb: number): string[] {
  return [
    `--max-old-space-size=${heapMb}`,
    // A heap and a nursery that begin as large documents need them are collected less often; larger ones only take memory.
    `--initial-heap-size=${Math.min(heapMb, 128)}`,
    '--min-semi-space-size=8',
    '--max-semi-space-size=8',
  ];
}

function fromSource(): string[] {
  return ['--conditions=callboard-source', '--import', import.meta.resolve('tsx'), ...WITHOUT_STRINGS_AS_CODE];
}

/** Neither `eval` nor `new Function`, and no `__proto__` that leads to what all objects share. */
const WITHOUT_STRINGS_AS_CODE = ['--disallow-code-generation-from-strings', '--disable-proto=delete', '--no-addons'];

/**
 * Node.js keeps it to reading its own code, and from starting programs; from version 25 on also from the network.
 * Its watchdog is a thread. https://nodejs.org/api/permissions.html
 */
function confinement(): string[] {
  const root = dirname(fileURLToPath(import.meta.resolve('#package')));
  const isStable = process.allowedNodeEnvironmentFlags.has('--permission');
  const places = ['dist', 'node_modules', 'package.json'].map((name) => join(root, name));
  // Also where a link leads: that is what a module's path becomes.
  const readable = new Set([...places, ...places.map((place) => realpathSync(place))]);
  return [
    isStable ? '--permission' : '--experimental-permission',
    '--no-warnings',
    '--allow-worker',
    ...[...readable].map((place) => `--allow-fs-read=${place.endsWith('.json') ? place : join(place, '*')}`),
    ...WITHOUT_STRINGS_AS_CODE,
  ];
}
