import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '#core';

/** Where the build puts the bundle, seen from this file compiled and as source. */
const PLACES = ['../../../client-runtime', '../../../dist/client-runtime'];
const FILES = ['runtime.js', 'runtime.d.ts', 'LICENSE'];

let loaded: Promise<Record<string, string>> | undefined;

/**
 * The runtime as the folder of a generated client has it, by paths in that folder. Read once.
 * @throws Unavailable when it has not been built.
 */
export function runtimeFiles(): Promise<Record<string, string>> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Record<string, string>> {
  for (const place of PLACES) {
    const texts = await Promise.all(
      FILES.map((file) => readFile(join(import.meta.dirname, place, file), 'utf8').catch(() => undefined)),
    );
    const files = FILES.flatMap((file, index): [string, string][] => {
      const text = texts[index];
      return text === undefined ? [] : [[`runtime/${file}`, text]];
    });
    if (files.length === FILES.length) return Object.fromEntries(files);
  }
  throw new Unavailable('RUNTIME_NOT_BUILT', 'The runtime of generated clients is missing: run `npm run build`.');
}
