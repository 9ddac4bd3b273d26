import { Permanent, messageOf } from '#core';
import { ClientGenerator, typecheck } from '#openapi';
import * as documents from '../../../libs/testing/documents/index.js';
import type { SuiteReport, Tell } from '../suite.js';

/** One of so many names of each document becomes a hostile one. */
const EVERY = 5;

/** Hostile documents: each ends with a client whose types compile, or with a sentence. */
export async function run(tell: Tell): Promise<SuiteReport> {
  const generator = new ClientGenerator({ timeoutMs: 30_000 });
  const failures: string[] = [];
  let tried = 0;
  try {
    for (const document of Object.values(documents.richDocuments())) {
      for (const broken of documents.withEachNameReplaced(document, documents.HOSTILE_NAMES, EVERY)) {
        const fault = await tryOne(generator, Buffer.from(JSON.stringify(broken.document)));
        if (fault !== null) failures.push(`${broken.name}: ${fault}`);
        tell((tried += 1));
      }
    }
  } finally {
    await generator.close();
  }
  return { name: 'documents', tried, through: failures.length, failures };
}

async function tryOne(generator: ClientGenerator, bytes: Buffer): Promise<string | null> {
  try {
    const { types } = await generator.generate(bytes);
    return await typecheck({ 'types.ts': types });
  } catch (error) {
    return error instanceof Permanent && error.code !== 'SPEC_FAULT' ? null : messageOf(error);
  }
}
