import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds, seen from outside: resident memory in bytes, open descriptors, threads. */
export function vitalsOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    resident: field('VmRSS') * 1_024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: field('Threads'),
  };
}

/** The mean of each third of these samples, by what was measured. */
export function thirdsOf(samples) {
  const third = Math.floor(samples.length / 3);
  const parts = [0, 1, 2].map((part) => samples.slice(part * third, part === 2 ? undefined : (part + 1) * third));
  const mean = (part, name) => part.reduce((sum, sample) => sum + sample[name], 0) / part.length;
  const names = ['resident', 'descriptors', 'threads'];
  return Object.fromEntries(names.map((name) => [name, parts.map((part) => mean(part, name))]));
}

/** Memory may differ by this much from one third to the next. */
const MEMORY_TOLERANCE = 0.05;
/** Connections come and go. */
const DESCRIPTOR_TOLERANCE = 3;

/** What has grown from the second third to the last, in words. */
export function growthIn({ resident, descriptors, threads }) {
  const faults = [];
  const more = resident[2] / resident[1] - 1;
  if (more > MEMORY_TOLERANCE) faults.push(`resident memory grew by ${(more * 100).toFixed(1)} %`);
  for (const [name, means] of Object.entries({ descriptors, threads })) {
    if (means[2] > means[1] + DESCRIPTOR_TOLERANCE) faults.push(`${name} grew by ${(means[2] - means[1]).toFixed(1)}`);
  }
  return faults;
}
