import type { mongo } from 'mongoose';
import { AppError } from '#core';
import type { Clock } from '#core';
import { mayNeedRewriting } from '#encryption';
import type { RewritingEncryption } from '#encryption';
import type { RewritableDatabase, RewritablePart, RewrittenPiece } from '../../rewriting/rewritable-store.js';
import { KEY_STATE } from '../shared-key.js';
import type { ArchivedSpecDocument } from './documents.js';
import { noteRewritten, settleMongoKeys } from './key-state.js';
import { MongoDatabase } from './mongo-database.js';
import { DocumentRewriter } from './rewrite-documents.js';
import type { Rewrite } from './rewrite-documents.js';

/** How many documents are read at a time: those of Specs and Clients are large. */
const PIECE = { large: 10, small: 100 } as const;

/**
 * Opens a MongoDB database to be rewritten while others work on it.
 * @throws Unavailable when there is no connection; InvalidInput when it is encrypted with a key that is not among these.
 */
export async function openRewritableMongo(
  uri: string,
  clock: Clock,
  encryption: RewritingEncryption,
): Promise<RewritableDatabase> {
  const database = new MongoDatabase({ uri, clock, encryption });
  const connection = await database.connect();
  const rewriter = new DocumentRewriter(encryption);
  const { keys, specs, archivedSpecs, clients, deadMessages, processes, logs } = database;
  return {
    parts: [
      partOf(database, 'shared keys', keys, rewriter.key, PIECE.small),
      partOf(database, 'Specs', specs, rewriter.spec, PIECE.large),
      partOf<ArchivedSpecDocument>(database, 'deleted Specs', archivedSpecs, rewriter.spec, PIECE.large),
      partOf(database, 'clients', clients, rewriter.client, PIECE.large),
      partOf(database, 'dead messages', deadMessages, rewriter.letter, PIECE.small),
      partOf(database, 'processes', processes, rewriter.process, PIECE.small),
      partOf(database, 'log records', logs, rewriter.log, PIECE.small),
    ],
    mayNeedIt: async () => mayNeedRewriting(encryption, await settleMongoKeys(database, encryption)),
    finish: async () => {
      await noteRewritten(database, encryption);
      // What was plain takes more now: all is counted anew.
      await database.command(() => database.keptBytes.updateMany({}, { $unset: { countedAt: '' } }));
    },
    close: () => connection.close(),
  };
}

function partOf<T extends object>(
  database: MongoDatabase,
  name: string,
  collection: mongo.Collection<T>,
  rewrite: Rewrite<T>,
  limit: number,
): RewritablePart {
  const rewritten = async (documents: readonly mongo.WithId<T>[]): Promise<RewrittenPiece> => {
    const unreadable: string[] = [];
    const changes = documents.flatMap((document) => {
      try {
        const change = (document._id as unknown) === KEY_STATE ? null : rewrite(document);
        return change ? { document, change } : [];
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        unreadable.push(error.message);
        return [];
      }
    });
    if (changes.length > 0) {
      const operations = changes.map(({ document, change: { filter, $set, $unset } }) => ({
        updateOne: {
          filter: { ...filter, _id: document._id } as mongo.Filter<T>,
          update: { $set, ...($unset && { $unset }) } as mongo.UpdateFilter<T>,
        },
      }));
      await database.command(() => collection.bulkWrite(operations, { ordered: false }));
    }
    return { seen: documents.length, stale: changes.length, unreadable };
  };
  return {
    name,
    count: () => database.command(() => collection.estimatedDocumentCount()),
    rewrite: async function* () {
      for (let last: unknown = null; ;) {
        const filter = (last === null ? {} : { _id: { $gt: last } }) as mongo.Filter<T>;
        const options = { sort: { _id: 1 }, limit } as const;
        const documents = await database.command(() => collection.find(filter, options).toArray());
        yield await rewritten(documents);
        if (documents.length < limit) return;
        last = documents.at(-1)?._id;
      }
    },
  };
}
