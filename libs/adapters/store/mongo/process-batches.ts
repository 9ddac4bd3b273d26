import type { mongo } from 'mongoose';
import { newTraceId } from '#core';
import { traceIdTaken } from '../conflicts.js';
import { isPlainText } from '../plain-text.js';
import type { Settled } from './batcher.js';
import { Batcher } from './batcher.js';
import type { ProcessDocument } from './documents.js';
import type { MongoDatabase } from './mongo-database.js';
import { refusedItems } from './mongo-errors.js';
import { WITHOUT_RESPONSE } from './process-documents.js';

/** How many processes share a command. FerretDB holds a connection of its own for each update of a command. */
const BATCH_LIMIT = 100;

/** A change that is made only where the filter still matches: a compare-and-set. */
export interface ProcessChange {
  readonly traceId: string;
  readonly filter: mongo.Filter<ProcessDocument>;
  readonly $set: Partial<ProcessDocument>;
  readonly $unset: Partial<Record<keyof ProcessDocument, ''>>;
}

/** A process that is asked for; with `project` null in whichever it is. */
interface WantedProcess {
  readonly project: string | null;
  readonly traceId: string;
}

/**
 * The commands about processes that come by the thousand, joined into batches: one command a batch, two for claims.
 * A batch is no transaction; so each of its changes leaves a mark of its own on the document, by which its writer
 * knows afterwards that it was made.
 */
export class ProcessBatches {
  private readonly inserting = batcher((documents: readonly ProcessDocument[]) => this.sendInserts(documents));
  private readonly finding = batcher((wanted: readonly WantedProcess[]) => this.sendFinds(wanted));
  private readonly claiming = batcher((changes: readonly ProcessChange[]) => this.sendClaims(changes));
  private readonly settling = batcher((changes: readonly ProcessChange[]) => this.sendSettlements(changes));
  private readonly origin = newTraceId();
  private marks = 0;

  constructor(private readonly database: MongoDatabase) {}

  insert(document: ProcessDocument): Promise<void> {
    return this.inserting.add(document);
  }

  /** A process without its response, or null. @param project null: of any */
  find(project: string | null, traceId: string): Promise<ProcessDocument | null> {
    return this.finding.add({ project, traceId });
  }

  /** Makes a change that also raises the attempt. @returns the document afterwards, or null when it was not made. */
  claim(change: ProcessChange): Promise<ProcessDocument | null> {
    return this.claiming.add(change);
  }

  /** Makes a change that ends a claim. @returns whether it was made. */
  settle(change: ProcessChange): Promise<boolean> {
    return this.settling.add(change);
  }

  private async sendInserts(documents: readonly ProcessDocument[]): Promise<Settled<void>[]> {
    const failures = new Map<number, mongo.WriteError>();
    try {
      await this.database.command(() => this.database.processes.insertMany(documents, { ordered: false }));
    } catch (error) {
      const refused = refusedItems(error);
      if (!refused) throw error;
      for (const failure of refused) failures.set(failure.index, failure);
    }
    return documents.map(({ _id }, index) => {
      const failure = failures.get(index);
      return failure ? { error: traceIdTaken(_id, failure) } : { value: undefined };
    });
  }

  /** One command for each project, which stands in the query: a process of another one costs what none costs. */
  private async sendFinds(wanted: readonly WantedProcess[]): Promise<Settled<ProcessDocument | null>[]> {
    const projects = [...new Set(wanted.map(({ project }) => project))];
    const found = await Promise.all(
      projects.map(async (project) => {
        const _id = oneOf(wanted.filter((each) => each.project === project).map(({ traceId }) => traceId));
        return [project, await this.read(project === null ? { _id } : { _id, project })] as const;
      }),
    );
    const byProject = new Map(found);
    return wanted.map(({ project, traceId }) => ({ value: byProject.get(project)?.get(traceId) ?? null }));
  }

  private async sendClaims(changes: readonly ProcessChange[]): Promise<Settled<ProcessDocument | null>[]> {
    const [only] = changes;
    if (only && changes.length === 1) {
      const { filter, update } = claimUpdate(only, this.newMark());
      const document = await this.database.command(() =>
        this.database.processes.findOneAndUpdate(filter, update, { returnDocument: 'after' }),
      );
      return [{ value: document }];
    }
    // One for all: by a value that is equal every server finds what it looks for without reading everything.
    const claimMark = this.newMark();
    const operations = changes.map((change) => ({ updateOne: claimUpdate(change, claimMark) }));
    const { matchedCount } = await this.database.command(() =>
      this.database.processes.bulkWrite(operations, { ordered: false }),
    );
    const _id = oneOf(changes.map((change) => change.traceId));
    const claimed = matchedCount === 0 ? new Map<string, ProcessDocument>() : await this.read({ _id, claimMark });
    return changes.map(({ traceId }) => {
      const document = claimed.get(traceId) ?? null;
      // Of two claims of the same process one was made.
      claimed.delete(traceId);
      return { value: document };
    });
  }

  private async sendSettlements(changes: readonly ProcessChange[]): Promise<Settled<boolean>[]> {
    const marks = changes.map(() => this.newMark());
    const operations = changes.map(({ traceId, filter, $set, $unset }, index) => ({
      updateOne: {
        filter: { ...filter, _id: traceId },
        update: { $set: { ...$set, settleMark: marks[index] ?? '' }, $unset },
      },
    }));
    const { matchedCount } = await this.database.command(() =>
      this.database.processes.bulkWrite(operations, { ordered: false }),
    );
    if (matchedCount === changes.length) return changes.map(() => ({ value: true }));
    if (matchedCount === 0) return changes.map(() => ({ value: false }));
    const _id = oneOf(changes.map((change) => change.traceId));
    const settled = await this.read({ _id, settleMark: { $in: marks } }, { settleMark: 1 });
    return changes.map(({ traceId }, index) => ({ value: settled.get(traceId)?.settleMark === marks[index] }));
  }

  private async read(
    filter: mongo.Filter<ProcessDocument>,
    projection: Partial<Record<keyof ProcessDocument, 0 | 1>> = WITHOUT_RESPONSE,
  ): Promise<Map<string, ProcessDocument>> {
    const documents = await this.database.command(() => this.database.processes.find(filter, { projection }).toArray());
    return new Map(documents.map((document) => [document._id, document]));
  }

  private newMark(): string {
    this.marks += 1;
    return `${this.origin}:${this.marks}`;
  }
}

/** Any of these; a single one as such, which every server finds by its index. */
function oneOf(traceIds: readonly string[]): string | { $in: string[] } {
  const [first = '', ...others] = new Set(traceIds);
  return others.length === 0 && isPlainText(first) ? first : { $in: [first, ...others] };
}

function batcher<In, Out>(send: (items: readonly In[]) => Promise<Settled<Out>[]>): Batcher<In, Out> {
  return new Batcher({ send, limit: BATCH_LIMIT });
}

function claimUpdate(
  { traceId, filter, $set, $unset }: ProcessChange,
  claimMark: string,
): { filter: mongo.Filter<ProcessDocument>; update: mongo.UpdateFilter<ProcessDocument> } {
  return {
    filter: { ...filter, _id: traceId },
    update: { $set: { ...$set, claimMark }, $unset, $inc: { attempt: 1 } },
  };
}
