import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, NotFound, Permanent, Unavailable } from '#core';
import { withLimits } from '../process-limits.js';
import { LastWords } from './fault.js';
import type { Installed, SdkInstallation } from './installation.js';
import { confinement, policyText } from './policy.js';
import type { MakeAnswer, MakeRequest } from './protocol.js';
import { filesOf } from './tree.js';
import { workFolder } from './work-folder.js';
import { zipOf } from './zip.js';

export interface SdkMakerOptions {
  /** How much heap Java may take, in MiB; the process beside it, which reads the document, may take as much. */
  readonly heapMb: number;
  /** How long making one SDK may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The largest SDK, before it is packed, in bytes. */
  readonly maxBytes: number;
}

export interface WantedArchive {
  /** The normalised document as YAML; read to its end or destroyed in any case. */
  readonly yaml: Readable;
  readonly generator: string;
  /** The folder inside the zip: `[a-z0-9._-]+`. */
  readonly folder: string;
}

/** How often the growing SDK is measured. */
const MEASURE_MS = 1_000;
/** How Java ends by -XX:+ExitOnOutOfMemoryError. */
const OUT_OF_MEMORY = 3;
const LARGEST_DOCUMENT_BYTES = 512 * 1024 * 1024;
/** Deep documents are read by deep recursion. */
const STACK = '-Xss16m';

/**
 * Makes SDKs with OpenAPI Generator, each in a child process and a folder of its own that are gone afterwards. The
 * document is a stranger's: Java can write to that folder only and reach no network, and nothing it makes is run.
 */
export class SdkMaker {
  constructor(
    private readonly installation: SdkInstallation,
    private readonly options: SdkMakerOptions,
  ) {}

  /**
   * Makes an SDK and hands it over as a zip.
   * @param keep takes the zip's bytes; the folder stays until it resolves.
   * @throws NotInstalled when Java or the jar is missing; NotFound for a generator that there is none of; Permanent when
   *   no SDK can be made of the document; Unavailable when it was stopped; what `keep` rejects with.
   */
  async make<T>(wanted: WantedArchive, keep: (zip: Readable) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const installed = await this.installation.find();
      checkGenerator(wanted.generator, installed.generators);
      return await this.makeWith(installed, wanted, keep, signal);
    } finally {
      wanted.yaml.destroy();
    }
  }

  private async makeWith<T>(
    installed: Installed,
    { yaml, generator, folder: under }: WantedArchive,
    keep: (zip: Readable) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const folder = await workFolder();
    try {
      await prepare(folder, yaml);
      await this.run(installed, generator, folder, signal);
      const out = join(folder, 'out');
      const files = await filesOf(out, this.options.maxBytes);
      if (files.length === 0) throw new Permanent('SDK_EMPTY', `The generator ${generator} made no files.`);
      return await keep(zipOf(out, files, under));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async run(installed: Installed, generator: string, folder: string, signal: AbortSignal): Promise<void> {
    const { heapMb, timeoutMs } = this.options;
    const { java, jar } = installed;
    const ended = new AbortController();
    const child = startChild(join(folder, 'in'), this.options);
    const words = new LastWords();
    child.stderr?.on('data', (chunk: Buffer) => words.add(chunk));
    const watches = [
      stopped(signal, ended.signal),
      tooLong(timeoutMs, ended.signal),
      this.watchSize(folder, ended.signal),
    ];
    const request = requestFor(installed, generator, folder, heapMb);
    const answer = await Promise.race([answerOf(child, request), ...watches]).finally(async () => {
      ended.abort();
      await end(child);
    });
    if (answer.kind === 'refused') throw new Permanent('SDK_REFUSED', answer.message);
    if (answer.code === 0) return;
    if (answer.code === OUT_OF_MEMORY) throw tooMuchMemory(heapMb);
    const how = answer.signal ?? `exit code ${answer.code}`;
    const fault = words.fault([folder, dirname(jar), dirname(java.program)]);
    throw new Permanent('SDK_FAULT', `OpenAPI Generator ended with ${how}${fault === null ? '' : `: ${fault}`}.`);
  }

  /** Rejects once the SDK is too large; never resolves before it is told to stop. */
  private async watchSize(folder: string, ended: AbortSignal): Promise<never> {
    for (;;) {
      const since = performance.now();
      await filesOf(join(folder, 'out'), this.options.maxBytes);
      await pause(MEASURE_MS + 4 * (performance.now() - since), undefined, { signal: ended });
    }
  }
}

function checkGenerator(name: string, generators: readonly string[]): void {
  if (/^[a-z0-9-]{1,64}$/.test(name) && generators.includes(name)) return;
  throw new NotFound('GENERATOR_UNKNOWN', 'Expected the name of a generator that OpenAPI Generator has, got another.');
}

async function prepare(folder: string, yaml: Readable): Promise<void> {
  await Promise.all(['in', 'out', 'tmp'].map((name) => mkdir(join(folder, name))));
  await writeFile(join(folder, 'policy'), policyText());
  await pipeline(yaml, createWriteStream(join(folder, 'in', 'spec.yaml')));
}

function requestFor({ java, jar }: Installed, generator: string, folder: string, heapMb: number): MakeRequest {
  const virtualMachine = [
    `-Xmx${heapMb}m`,
    STACK,
    '-XX:+UseSerialGC',
    // A run is too short for the second compiler to earn its keep: half the processor time without it.
    '-XX:TieredStopAtLevel=1',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    ...confinement(java.major, jar, folder),
  ];
  const generate = ['generate', '--skip-validate-spec', '-i', 'spec.json', '-g', generator, '-o', '../out'];
  return {
    yamlFile: 'spec.yaml',
    jsonFile: 'spec.json',
    program: java.program,
    arguments: [...virtualMachine, '-jar', jar, ...generate],
  };
}

/** The compiled entry stands beside this file; from source it runs through tsx, which the product does not need. */
function startChild(cwd: string, { heapMb, timeoutMs, maxBytes }: SdkMakerOptions): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './child.ts' : './child.js', import.meta.url));
  const fromSource = ['--conditions=callboard-source', '--import', import.meta.resolve('tsx')];
  const node = [process.execPath, `--max-old-space-size=${heapMb}`, ...(isSource ? fromSource : []), entry] as const;
  // Java inherits them. The document is written once more, as JSON.
  const limits = {
    cpuSeconds: Math.ceil(timeoutMs / 1000) * availableParallelism(),
    fileBytes: Math.max(maxBytes, LARGEST_DOCUMENT_BYTES),
  };
  const [program, ...args] = withLimits([...node], limits);
  return spawn(program, args, { cwd, env: {}, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

function answerOf(child: ChildProcess, request: MakeRequest): Promise<MakeAnswer> {
  return new Promise((resolve, reject) => {
    child.on('message', (answer) => resolve(answer as MakeAnswer));
    child.on('error', (cause) =>
      reject(
        new Unavailable('SDK_CHILD', `The process that makes SDKs cannot be started: ${messageOf(cause)}.`, { cause }),
      ),
    );
    child.on('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      reject(
        new Permanent(
          'SDK_FAULT',
          `Expected a document that can be read for an SDK, got one on which that ended with ${how}.`,
        ),
      );
    });
    // A send that fails is followed by the exit that explains it.
    child.send(request, () => undefined);
  });
}

/** Ends a child with its group, and waits until all that it has said is here. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const closed = child.stderr?.closed === true ? null : new Promise((resolve) => child.once('close', resolve));
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
  await closed;
}

async function stopped(signal: AbortSignal, ended: AbortSignal): Promise<never> {
  await aborted(AbortSignal.any([signal, ended]));
  throw new Unavailable('SDK_STOPPED', 'Making the SDK was stopped before it ended.');
}

async function tooLong(timeoutMs: number, ended: AbortSignal): Promise<never> {
  await pause(timeoutMs, undefined, { signal: ended });
  throw new Permanent(
    'SDK_TOO_SLOW',
    `Expected an SDK that takes at most ${timeoutMs / 1000} s to make, got one that takes longer (SDK_TIMEOUT_SECONDS).`,
  );
}

function tooMuchMemory(heapMb: number): Permanent {
  const message = `Expected an SDK that takes at most ${heapMb} MB of memory to make, got one that takes more (SDK_HEAP_MB).`;
  return new Permanent('SDK_TOO_MUCH_MEMORY', message);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
