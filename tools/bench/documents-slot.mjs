// One warm slot as a worker has it, in a process that the benchmark can pin to a core: takes documents by their file
// names and tells how long each takes from bytes to a reviewed client, and the memory that its processes took.
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { clientFolder, selfCheck } from '#client-runtime';
import { ClientGenerator, typecheck } from '#openapi';

const SPEC = { traceId: 'AAAAAAAAAAAAAAAA', name: 'bench' };
const SAMPLE_EVERY_MS = 10;
const MS_A_TICK = 10;

const generator = new ClientGenerator({ idleMs: 600_000 });
process.on('message', ({ path }) => void review(path).then((result) => process.send(result)));
process.on('disconnect', () => void generator.close());

async function review(path) {
  const document = await readFile(path);
  const watch = new Watch();
  const begun = performance.now();
  const times = {};
  const mark = (step) => (times[step] = performance.now() - begun);
  let fault = null;
  let refused = null;
  try {
    const generated = await generator.generate(document);
    mark('generated');
    // What the review reads from the store is the same bytes.
    const { table, yaml, types } = generated;
    const files = await clientFolder({ spec: SPEC, table, yaml, types, now: 0 });
    fault = await typecheck(files);
    mark('typechecked');
    [fault = null] = fault === null ? await selfCheck(table) : [fault];
  } catch (error) {
    refused = error.message;
  }
  mark('reviewed');
  return { bytes: document.length, times, fault, refused, ...watch.stop() };
}

/** What the processes take while a document is on its way. */
class Watch {
  constructor() {
    this.generators = children();
    for (const pid of this.generators) resetPeak(pid);
    this.peaks = { generatorMb: 0, compilerMb: 0 };
    this.begun = this.processorMs();
    this.timer = setInterval(() => this.look(), SAMPLE_EVERY_MS);
  }

  look() {
    for (const pid of children()) {
      const key = isGenerator(pid) ? 'generatorMb' : 'compilerMb';
      this.peaks[key] = Math.max(this.peaks[key], peakMb(pid));
    }
  }

  stop() {
    clearInterval(this.timer);
    this.look();
    return { ...this.peaks, hostMb: peakMb('self'), processorMs: this.processorMs() - this.begun };
  }

  /** Of this process, of its children that have ended, and of the generators that live. */
  processorMs() {
    const ended = ticks('self').slice(2, 4);
    const living = children()
      .filter(isGenerator)
      .flatMap((pid) => ticks(pid).slice(0, 2));
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 + [...ended, ...living].reduce((sum, each) => sum + each, 0) * MS_A_TICK;
  }
}

/** User and system time of a process, then of its children that have ended. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function ticks(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').slice(11, 15).map(Number);
  } catch {
    return [0, 0, 0, 0];
  }
}

function isGenerator(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('generator/child');
  } catch {
    return false;
  }
}

/** Process ids of this process's children; none where the system does not tell. */
function children() {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

/** The most memory a process has had, in MiB; 0 where it cannot be told. */
function peakMb(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Begins the peak anew. https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html */
function resetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak is that of all documents so far.
  }
}
