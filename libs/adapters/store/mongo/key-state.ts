import type { mongo } from 'mongoose';
import { DEFAULT_PROJECT } from '#core';
import { rewrittenState, settleKeys, tellsOfKeys } from '#encryption';
import type { Encryption, Found, KeyState, RewritingEncryption } from '#encryption';
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
 * after what another has noted.
 * @returns what the database tells of them then. @throws as `settleKeys` does.
 */
export async function settleMongoKeys(collections: Collections, encryption: Encryption): Promise<KeyState> {
  return change(collections, async (stored) =>
    settleKeys(encryption, stored, tellsOfKeys(stored) ? null : await lookFor(collections)),
  );
}

/** Notes that all has been rewritten. */
export async function noteRewritten(collections: Collections, encryption: RewritingEncryption): Promise<KeyState> {
  return change(collections, async (stored) => rewrittenState(encryption, stored));
}

/** Writes what follows from what is stored, unless another has changed that meanwhile: then it begins anew. */
async function change({ keys }: Collections, next: (stored: string | null) => Promise<KeyState>): Promise<KeyState> {
  for (;;) {
    const stored = (await keys.findOne({ _id: KEY_STATE }))?.bytes ?? null;
    const state = await next(stored?.toString() ?? null);
    const text = JSON.stringify(state);
    if (stored?.toString() === text) return state;
    const bytes = Buffer.from(text);
    if (stored === null) {
      const document = { _id: KEY_STATE, project: DEFAULT_PROJECT, bytes };
      if (await keys.insertOne(document).then(() => true, falseIfTaken)) return state;
    } else {
      const { matchedCount } = await keys.updateOne({ _id: KEY_STATE, bytes: stored }, { $set: { bytes } });
      if (matchedCount === 1) return state;
    }
  }
}

async function lookFor(collections: Collections): Promise<Found> {
  return { anything: await holdsAnything(collections), encrypted: await holdsEncrypted(collections) };
}

/** Of what may be sent to somebody. */
async function holdsEncrypted({ processes, specs }: Collections): Promise<boolean> {
  const projection = { _id: 1 };
  const sealed = ['headers', 'credentials', 'serverVariables'].map((field) => ({ [field]: /^A/ }));
  const found =
    (await specs.findOne({ $or: sealed }, { projection })) ??
    (await processes.findOne({ request: /"secrets":"A/ }, { projection }));
  return found !== null;
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
