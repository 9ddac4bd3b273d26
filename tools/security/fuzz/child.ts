/**
 * Fuzzes one target for some time, in a process that may hang or die: its input stands in a file before it is tried.
 *   child.ts NAME SECONDS SEED FILE
 * Tells by messages how many were tried, and what broke, made as small as can be.
 */
import { openSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { messageOf } from '#core';
import { corpusOf } from './corpus.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

export type Report =
  | { readonly kind: 'tried'; readonly count: number }
  | { readonly kind: 'broken'; readonly input: string; readonly error: string }
  | { readonly kind: 'done' };

const RUNS = 200;
const [name, seconds, seed, file = ''] = process.argv.slice(2);
const target = TARGETS.find((each) => each.name === name);
if (!target || process.send === undefined) throw new Error('Expected the name of a target, and a host.');
await fuzz(target, performance.now() + Number(seconds) * 1000);

async function fuzz(target: Target, end: number): Promise<void> {
  const descriptor = openSync(file, 'w');
  let count = 0;
  const attempt = async (bytes: Buffer): Promise<void> => {
    // Its length first: what is left of a longer one before stands after it.
    const head = Buffer.alloc(8);
    head.writeUInt32LE((count += 1), 0);
    head.writeUInt32LE(bytes.length, 4);
    writeSync(descriptor, Buffer.concat([head, bytes]), 0, undefined, 0);
    await target.check(bytes);
  };
  for (const { bytes, file: kept } of await corpusOf(target.name)) {
    await attempt(bytes).catch((error: unknown) =>
      tell({ kind: 'broken', input: bytes.toString('base64'), error: `${kept}: ${messageOf(error)}` }),
    );
  }
  for (let round = 0; performance.now() < end; round += 1) {
    const left = Math.max(1, end - performance.now());
    const outcome = await fc.check(fc.asyncProperty(target.inputs, attempt), {
      numRuns: RUNS,
      seed: (Number(seed) + round) | 0,
      interruptAfterTimeLimit: left,
      markInterruptAsFailure: false,
    });
    await tell({ kind: 'tried', count });
    const [input] = outcome.counterexample ?? [];
    if (outcome.failed && input !== undefined) {
      await tell({ kind: 'broken', input: input.toString('base64'), error: messageOf(outcome.errorInstance) });
    }
  }
  await tell({ kind: 'done' });
  process.disconnect();
}

function tell(report: Report): Promise<void> {
  return new Promise((resolve) => process.send?.(report, () => resolve()));
}
