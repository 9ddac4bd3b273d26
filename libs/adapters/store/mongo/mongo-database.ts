import mongoose from 'mongoose';
import type { Schema, mongo } from 'mongoose';
import { DEFAULT_PRIORITY } from '#core';
import type { Clock } from '#core';
import type { Encryption } from '#encryption';
import type { Connection } from '../../connection/index.js';
import {
  ApiKeyDocument,
  ApiKeySchema,
  ArchivedSpecDocument,
  ArchivedSpecSchema,
  AuditDocument,
  AuditOutcomeDocument,
  AuditOutcomeSchema,
  AuditSchema,
  ClientDocument,
  ClientSchema,
  DeadMessageDocument,
  DeadMessageSchema,
  DriftDocument,
  DriftSchema,
  IdempotencyDocument,
  IdempotencySchema,
  KeptBytesDocument,
  KeptBytesSchema,
  KeyDocument,
  KeySchema,
  LogDocument,
  LogSchema,
  ProcessDocument,
  ProcessSchema,
  ProjectDocument,
  ProjectSchema,
  SdkDocument,
  SdkSchema,
  SpecDocument,
  SpecSchema,
} from './documents.js';
import { settleMongoKeys } from './key-state.js';
import { translateMongoError, unavailable } from './mongo-errors.js';

export interface MongoDatabaseOptions {
  readonly uri: string;
  readonly clock: Clock;
  /** Its keys are held against those of the database at each connection. */
  readonly encryption: Encryption;
  /** How long a caller waits for the answer to one command, in milliseconds (3,000). */
  readonly timeoutMs?: number | undefined;
}

/**
 * The collections of one MongoDB database and the way to them. It exists before there is a connection; until there is
 * one, every command is refused at once.
 */
export class MongoDatabase {
  readonly processes: mongo.Collection<ProcessDocument>;
  readonly specs: mongo.Collection<SpecDocument>;
  readonly archivedSpecs: mongo.Collection<ArchivedSpecDocument>;
  readonly clients: mongo.Collection<ClientDocument>;
  readonly drifts: mongo.Collection<DriftDocument>;
  readonly sdks: mongo.Collection<SdkDocument>;
  readonly idempotency: mongo.Collection<IdempotencyDocument>;
  readonly keys: mongo.Collection<KeyDocument>;
  readonly projects: mongo.Collection<ProjectDocument>;
  readonly apiKeys: mongo.Collection<ApiKeyDocument>;
  readonly audit: mongo.Collection<AuditDocument>;
  readonly auditOutcomes: mongo.Collection<AuditOutcomeDocument>;
  readonly deadMessages: mongo.Collection<DeadMessageDocument>;
  readonly logs: mongo.Collection<LogDocument>;
  readonly keptBytes: mongo.Collection<KeptBytesDocument>;
  private readonly connection = mongoose.createConnection();
  private readonly timeoutMs: number;
  private ready = false;

  constructor(private readonly options: MongoDatabaseOptions) {
    this.timeoutMs = options.timeoutMs ?? 3_000;
    // Each command reports its own failure; an event without a listener would end the process.
    this.connection.on('error', () => undefined);
    this.connection.on('disconnected', () => (this.ready = false));
    this.processes = this.collection(ProcessDocument, ProcessSchema);
    this.specs = this.collection(SpecDocument, SpecSchema);
    this.archivedSpecs = this.collection(ArchivedSpecDocument, ArchivedSpecSchema);
    this.clients = this.collection(ClientDocument, ClientSchema);
    this.drifts = this.collection(DriftDocument, DriftSchema);
    this.sdks = this.collection(SdkDocument, SdkSchema);
    this.idempotency = this.collection(IdempotencyDocument, IdempotencySchema);
    this.keys = this.collection(KeyDocument, KeySchema);
    this.projects = this.collection(ProjectDocument, ProjectSchema);
    this.apiKeys = this.collection(ApiKeyDocument, ApiKeySchema);
    this.audit = this.collection(AuditDocument, AuditSchema);
    this.auditOutcomes = this.collection(AuditOutcomeDocument, AuditOutcomeSchema);
    this.deadMessages = this.collection(DeadMessageDocument, DeadMessageSchema);
    this.logs = this.collection(LogDocument, LogSchema);
    this.keptBytes = this.collection(KeptBytesDocument, KeptBytesSchema);
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** Makes one attempt to connect, and sees to the indexes: what a ConnectionKeeper asks for. */
  async connect(): Promise<Connection> {
    const { connection } = this;
    try {
      await connection.openUri(this.options.uri, {
        // Accepted means durable: on the disks of a majority before the answer. Each by itself, or the address could
        // say otherwise.
        w: 'majority',
        journal: true,
        // What was written is looked for right afterwards.
        readPreference: 'primary',
        promoteBuffers: true,
        serverSelectionTimeoutMS: this.timeoutMs,
        connectTimeoutMS: this.timeoutMs,
        // Sockets that say nothing are given up some time after their callers were.
        socketTimeoutMS: this.timeoutMs * 4,
        heartbeatFrequencyMS: 2_000,
        autoIndex: false,
        autoCreate: false,
      });
      const lost = new Promise<unknown>((resolve) => connection.once('disconnected', () => resolve(undefined)));
      // Before the first write: names are unique by an index.
      for (const model of Object.values(connection.models)) await model.createIndexes();
      await settleMongoKeys(this, this.options.encryption);
      await this.regenerateOld();
      await this.bandOld();
      this.ready = true;
      return { lost, close: () => connection.close() };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Specs of before versions could serve: their Clients are made anew, and calls wait for that. */
  private async regenerateOld(): Promise<void> {
    await this.specs.updateMany(
      { servingVersion: { $exists: false } },
      {
        $set: { status: 'WAITING', servingVersion: null, touchedAt: new Date(0) },
        $unset: { error: '', leaseOwner: '', leaseUntil: '' },
        $inc: { attempt: 1 },
      },
    );
  }

  /** Processes of before priorities: they are due as usual. Found by the index that they were found by then. */
  private async bandOld(): Promise<void> {
    const found = await this.processes.indexes();
    if (!found.some(({ key }) => 'lookAt' in key && Object.keys(key).length === 1)) return;
    const old = { lookAt: { $exists: true }, band: { $exists: false } };
    await this.processes.updateMany(old, { $set: { band: DEFAULT_PRIORITY } });
    const parked = { parkedFor: { $gt: '' }, band: { $exists: false } };
    await this.processes.updateMany(parked, { $set: { band: DEFAULT_PRIORITY } });
    // Each insert would go on to write it; of two processes that drop it the second finds it gone.
    await this.processes.dropIndex('lookAt_1').catch(() => undefined);
  }

  /**
   * Runs one command.
   * @throws Unavailable at once without a connection, and when the answer does not come in time; whether a change
   *   was made is unknown then.
   */
  async command<T>(send: () => Promise<T>): Promise<T> {
    if (!this.ready) throw unavailable();
    const timer = new AbortController();
    const answer = (async () => send())();
    const late = this.options.clock.sleep(this.timeoutMs, timer.signal).then(() => {
      // Woken because the answer is there, which is what the race has given out.
      if (timer.signal.aborted) return answer;
      throw unavailable(new Error(`Expected MongoDB to answer within ${this.timeoutMs} ms.`));
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw translateMongoError(error);
    } finally {
      timer.abort();
    }
  }

  /**
   * The driver's own collection of a schema. Documents pass mongoose by: our encoders make them, so that casting and
   * hydrating each would cost much and find nothing.
   */
  private collection<T extends object>(
    type: { new (): T; readonly name: string },
    schema: Schema,
  ): mongo.Collection<T> {
    return this.connection.model(type.name, schema).collection as unknown as mongo.Collection<T>;
  }
}
