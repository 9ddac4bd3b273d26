import type { mongo } from 'mongoose';
import { DEFAULT_PROJECT } from '#core';
import { settleKeys } from '#encryption';
import type { Encryption } from '#encryption';
import { KEY_STATE } from '../shared-key.js';
import type {
  ArchivedSpecDocument,
  DeadMessageDocument,
  KeyDocument,
  ProcessDocument,
  SpecDocument,
} from './documents.js';
import { isDuplicateKey } from './mongo-errors.js';

interface Collections {
  readonly keys: mongo.Collection<KeyDocument>;
  readonly processes: mongo.Collection<ProcessDocument>;
  readonly specs: mongo.Collection<SpecDocument>;
  readonly archivedSpecs: mongo.Collection<ArchivedSpecDocument>;
  readonly deadMessages: mongo.Collection<DeadMessageDocument>;
}

/**
 * Sees to it that the keys are those of the database, and notes them there: of several that begin at once, each comes
 * after what another has noted. @throws as `settleKeys` does.
 */
export async function settleMongoKeys(collections: Collections, encryption: Encryption): Promise<void> {
  const { keys } = collections;
  for (;;) {
    const found = await keys.findOne({ _id: KEY_STATE });
    const stored = found?.bytes ?? null;
    const mayHoldPlain = found === null && (await holdsAnything(collections));
    const state = JSON.stringify(settleKeys(encryption, stored?.toString() ?? null, mayHoldPlain));
    if (stored?.toString() === state) return;
    const bytes = Buffer.from(state);
    if (stored === null) {
      const document = { _id: KEY_STATE, project: DEFAULT_PROJECT, bytes };
      if (await keys.insertOne(document).then(() => true, falseIfTaken)) return;
    } else {
      const { matchedCount } = await keys.updateOne({ _id: KEY_STATE, bytes: stored }, { $set: { bytes } });
      if (matchedCount === 1) return;
    }
  }
}

async function holdsAnything(collections: Collections): Promise<boolean> {
  const { keys, processes, specs, archivedSpecs, deadMessages } = collections;
  for (const collection of [keys, processes, specs, archivedSpecs, deadMessages]) {
    if (await (collection as typeof keys).findOne({}, { projection: { _id: 1 } })) return true;
  }
  return false;
}

function falseIfTaken(error: unknown): false {
  if (isDuplicateKey(error)) return false;
  throw error;
}
