import { describe, expect, it } from '@jest/globals';
import { Permanent, messageOf } from '#core';
import { documents } from '#testing';
import { compileDocument, toSchemas, toTable } from './compile.js';
import { printTypes } from './types/print-types.js';

/** How a document ends: with a client, or with the sentence that refuses it. */
async function endOf(bytes: Buffer): Promise<string> {
  try {
    const compiled = await compileDocument(bytes);
    toSchemas(compiled);
    printTypes(compiled.root, compiled.references);
    const fault = compiled.warnings.find(({ message, pointer }) => !isSentence(message) || !/^(\/|$)/.test(pointer));
    if (fault) return `a warning that is none: ${JSON.stringify(fault)}`;
    return `a client of ${toTable(compiled).table.operations.length} operations`;
  } catch (error) {
    return error instanceof Permanent ? error.message : `a fault of ours: ${messageOf(error)}`;
  }
}

/** One line, a beginning and an end, and nothing that only a program would say. */
function isSentence(text: string): boolean {
  return (
    /^[A-Z`][^\n]{8,400}\.$/s.test(text) && !/undefined|\[object|is not a function|Cannot read|Maximum call/.test(text)
  );
}

function isOrderly(end: string): boolean {
  return end.startsWith('a client') || (isSentence(end) && /^Expected .*(, got| at )/.test(end));
}

async function disorderly(broken: Iterable<documents.BrokenDocument>): Promise<string[]> {
  const found: string[] = [];
  for (const { name, document } of broken) {
    const end = await endOf(Buffer.from(JSON.stringify(document)));
    if (!isOrderly(end)) found.push(`${name}: ${end}`);
  }
  return found;
}

/** A prime, so that every kind of replacement gets its turn; `npm run specs:hostile` takes all. */
const EVERY = 29;
const EVERY_NAME = 5;
const RICH = Object.entries(documents.richDocuments());

describe('a document that is broken', () => {
  it.each(RICH)(
    'is none of these: %s, which is read without a warning but for what the client leaves out',
    async (_, document) => {
      const { warnings } = await compileDocument(Buffer.from(JSON.stringify(document)));
      expect(warnings.filter(({ code }) => code !== 'ignored' && code !== 'reference-deep')).toEqual([]);
    },
  );

  it.each(RICH)('ends in order, whatever stands in place of any value: %s', async (_, document) => {
    expect(await disorderly(documents.withEachValueReplaced(document, EVERY))).toEqual([]);
  });

  it.each(RICH)('ends in order, whatever any name is: %s', async (_, document) => {
    expect(await disorderly(documents.withEachNameReplaced(document, documents.HOSTILE_NAMES, EVERY_NAME))).toEqual([]);
  });

  it.each(RICH)('ends in order, wherever it is cut off: %s', async (_, document) => {
    const text = Buffer.from(JSON.stringify(document));
    const cuts = Array.from({ length: 60 }, (__, index) => Math.floor((text.length * (index + 0.5)) / 60));
    const ends = await Promise.all(cuts.map((length) => endOf(text.subarray(0, length))));
    expect(ends.filter((end) => !/^Expected .* at line 1, column \d+ of the JSON text, got .+\.$/.test(end))).toEqual(
      [],
    );
  });

  it.each(documents.oddTexts())('ends as it should when it is written as %s', async (_, bytes, want) => {
    expect(await endOf(bytes)).toBe(want === 'good' ? 'a client of 1 operations' : want);
  });
});
