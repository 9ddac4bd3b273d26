import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { SchemaOptions } from '@nestjs/mongoose';
import type { HoldReason, ProcessStatus, SdkStatus, SpecStatus } from '#core';

/**
 * Documents are written as our encoders make them: no version key, no automatic fields. Indexes are made when we
 * connect, and nothing is kept back for a later connection: callers are told at once.
 */
function collection(name: string): SchemaOptions {
  return { collection: name, versionKey: false, id: false, autoIndex: false, autoCreate: false, bufferCommands: false };
}

/** A process with its response: one document, so that it ends in one atomic write. */
@Schema(collection('processes'))
export class ProcessDocument {
  /** The trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: String, required: true })
  kind!: string;
  @Prop({ type: String, required: true })
  service!: string;
  @Prop({ type: String })
  specTraceId!: string | null;
  /** What was asked for, as JSON text. */
  @Prop({ type: String, required: true })
  request!: string;
  /** The request's body, unless there is none or it is a blob. */
  @Prop({ type: Buffer })
  body!: Buffer | null;
  @Prop({ type: String, required: true })
  status!: ProcessStatus;
  @Prop({ type: [String], required: true })
  steps!: string[];
  /** As JSON text. */
  @Prop({ type: String })
  error?: string | null;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  @Prop({ type: Date, required: true })
  updatedAt!: Date;
  @Prop({ type: Date })
  dueAt!: Date | null;
  @Prop({ type: Number, required: true })
  attempt!: number;

  /** From when a waiting process may be claimed: `dueAt`, or always if that was past when it was written. */
  @Prop({ type: Date })
  readyAt?: Date;
  @Prop({ type: String })
  leaseOwner?: string;
  @Prop({ type: Date })
  leaseUntil?: Date;
  /** Given out by `due`: not again before this. */
  @Prop({ type: Date })
  offeredUntil?: Date;
  /** Its priority until it ends, so that the index holds only live work. */
  @Prop({ type: Number })
  band?: number;
  /** Whose it is, as JSON text; absent when nobody's. */
  @Prop({ type: String })
  key?: string;
  /** When `due` should next come across it; absent when parked, held or ended. */
  @Prop({ type: Date })
  lookAt?: Date;
  /** `dueAt` while that lies ahead and nobody was told of it, or when a parked process expires; absent otherwise. */
  @Prop({ type: Date })
  timedAt?: Date;
  /** Set while it has a `timedAt`: what is equal every server finds at little cost. */
  @Prop({ type: Boolean })
  isTimed?: true;
  /** Its priority while it has a `timedAt`. */
  @Prop({ type: Number })
  timedBand?: number;
  /** The Spec it is parked for, and its age among those; absent otherwise. */
  @Prop({ type: String })
  parkedFor?: string;
  @Prop({ type: Date })
  parkedAt?: Date;
  /** The Spec at whose gate it is held, its line and its place there, and why; absent otherwise. */
  @Prop({ type: String })
  heldFor?: string;
  @Prop({ type: String })
  heldKey?: string;
  @Prop({ type: Number })
  heldRank?: number;
  @Prop({ type: String })
  heldWhy?: HoldReason;
  /** The mark of the last write of each kind, by which the writer of a batch knows what was its own. */
  @Prop({ type: String })
  claimMark?: string;
  @Prop({ type: String })
  settleMark?: string;
  @Prop({ type: String })
  takeMark?: string;

  /** The CallRecords, as JSON text. */
  @Prop({ type: String })
  calls?: string;
  /** The attempt under which a call left that must not be made twice. */
  @Prop({ type: Number })
  sending?: number;
  @Prop({ type: Number })
  specVersion?: number;
  /** The DriftFaults, encrypted. */
  @Prop({ type: String })
  drift?: string;

  /** Of one that was given up: `deadKey`. Absent once its letter was taken away. */
  @Prop({ type: String })
  deadKey?: string;

  /** The response without its body, as JSON text. */
  @Prop({ type: String })
  responseHead?: string;
  /** The response's body, unless it is a blob. */
  @Prop({ type: Buffer })
  responseBody?: Buffer | null;

  /** What the process takes without its response, as `RetentionStore.keptBytes` counts; absent in older documents. */
  @Prop({ type: Number })
  requestBytes?: number;
  @Prop({ type: Number })
  responseBytes?: number;
  /** The length of its calls, which is counted with a process that has ended. */
  @Prop({ type: Number })
  callsBytes?: number;
  /** The names of the blobs of body and response, if they are such. */
  @Prop({ type: String })
  bodyBlob?: string;
  @Prop({ type: String })
  responseBlob?: string;
}
export const ProcessSchema = SchemaFactory.createForClass(ProcessDocument);
ProcessSchema.index({ project: 1, createdAt: -1, _id: -1 });
ProcessSchema.index({ project: 1, service: 1, createdAt: -1, _id: -1 });
ProcessSchema.index({ project: 1, status: 1, createdAt: -1, _id: -1 });
ProcessSchema.index({ project: 1, key: 1, createdAt: -1, _id: -1 });
ProcessSchema.index({ band: 1, lookAt: 1 }, { sparse: true });
ProcessSchema.index({ isTimed: 1, timedAt: 1 }, { sparse: true });
ProcessSchema.index({ timedBand: 1, timedAt: 1 }, { sparse: true });
ProcessSchema.index({ parkedFor: 1, parkedAt: 1 }, { sparse: true });
ProcessSchema.index({ heldFor: 1, heldKey: 1, heldRank: 1 }, { sparse: true });
ProcessSchema.index({ deadKey: 1 }, { sparse: true });

/** A message that was given up. */
@Schema(collection('dead_messages'))
export class DeadMessageDocument {
  /** The letter's trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: String, required: true })
  deadKey!: string;
  /** What is told of it, as JSON text. */
  @Prop({ type: String, required: true })
  record!: string;
  /** The message's text, unless it was too long. */
  @Prop({ type: Buffer })
  payload?: Buffer;
}
export const DeadMessageSchema = SchemaFactory.createForClass(DeadMessageDocument);
DeadMessageSchema.index({ deadKey: 1 });

/** An active Spec. */
@Schema(collection('specs'))
export class SpecDocument {
  /** The trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: String, required: true })
  name!: string;
  /** As JSON text. */
  @Prop({ type: String, required: true })
  headers!: string;
  /** As JSON text. */
  @Prop({ type: String })
  url?: string | null;
  /** As JSON text. */
  @Prop({ type: String })
  serverVariables?: string | null;
  /** As JSON text. */
  @Prop({ type: String })
  credentials?: string | null;
  /** As JSON text. */
  @Prop({ type: String })
  retry?: string | null;
  /** As JSON text. */
  @Prop({ type: String })
  limits?: string | null;
  /** True while it is paused; absent otherwise. */
  @Prop({ type: Boolean })
  paused?: boolean;
  /** Those that are paused; absent or empty while none is. */
  @Prop({ type: [String], default: undefined })
  pausedKeys?: string[];
  /** The reference of the document's payload, as JSON text. */
  @Prop({ type: String, required: true })
  documentRef!: string;
  /** The document, unless it is a blob. */
  @Prop({ type: Buffer })
  document!: Buffer | null;
  @Prop({ type: String, required: true })
  documentHash!: string;
  @Prop({ type: Number, required: true })
  version!: number;
  @Prop({ type: Number })
  servingVersion!: number | null;
  @Prop({ type: Number, required: true })
  revision!: number;
  @Prop({ type: String, required: true })
  status!: SpecStatus;
  @Prop({ type: [String], required: true })
  steps!: string[];
  /** As JSON text. */
  @Prop({ type: String })
  error?: string | null;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  @Prop({ type: Date, required: true })
  updatedAt!: Date;
  @Prop({ type: Number, required: true })
  attempt!: number;

  @Prop({ type: String })
  leaseOwner?: string;
  @Prop({ type: Date })
  leaseUntil?: Date;
  /** Last changed or given out; absent once ended. */
  @Prop({ type: Date })
  touchedAt?: Date;
  /** The mark of whom `due` last gave it to. */
  @Prop({ type: String })
  takeMark?: string;

  /** All its versions by their number, in the same document so that they change with it at once. */
  @Prop({ type: Object })
  versions?: Record<string, VersionFields>;
}

/** One document that a Spec has had. */
export interface VersionFields {
  documentRef: string;
  document: Buffer | null;
  documentHash: string;
  outcome?: 'SUCCESS' | 'ERROR';
  /** As JSON text. */
  error?: string;
  /** The reference of the report's payload, as JSON text. */
  reportRef?: string;
  report?: Buffer | null;
  createdAt: Date;
}
export const SpecSchema = SchemaFactory.createForClass(SpecDocument);
SpecSchema.index({ project: 1, name: 1 }, { unique: true });
SpecSchema.index({ project: 1, createdAt: -1, _id: 1 });
SpecSchema.index({ touchedAt: 1 }, { sparse: true });

/** A Spec that was deleted over REST, as it was then. */
@Schema(collection('specs_archive'))
export class ArchivedSpecDocument extends SpecDocument {
  @Prop({ type: Date, required: true })
  archivedAt!: Date;
}
export const ArchivedSpecSchema = SchemaFactory.createForClass(ArchivedSpecDocument);
ArchivedSpecSchema.index({ project: 1, archivedAt: 1 });

/** What was generated from one version of a Spec. */
@Schema(collection('clients'))
export class ClientDocument {
  /** `specTraceId:version`. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  specTraceId!: string;
  @Prop({ type: Number, required: true })
  version!: number;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  /** The references of the payloads, as JSON text. */
  @Prop({ type: String, required: true })
  refs!: string;
  @Prop({ type: Buffer })
  yaml!: Buffer | null;
  @Prop({ type: Buffer })
  table!: Buffer | null;
  @Prop({ type: Buffer })
  types!: Buffer | null;
  @Prop({ type: Buffer })
  summary!: Buffer | null;
  @Prop({ type: Buffer })
  schemas!: Buffer | null;
}
export const ClientSchema = SchemaFactory.createForClass(ClientDocument);
ClientSchema.index({ specTraceId: 1, version: -1 }, { unique: true });

/** A client in some language that was asked for. */
@Schema(collection('sdks'))
export class SdkDocument {
  /** The trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: String, required: true })
  specTraceId!: string;
  @Prop({ type: Number, required: true })
  version!: number;
  @Prop({ type: String, required: true })
  generator!: string;
  @Prop({ type: String, required: true })
  status!: SdkStatus;
  /** As JSON text. */
  @Prop({ type: String })
  error?: string | null;
  /** The reference of the archive's payload, as JSON text. */
  @Prop({ type: String })
  archiveRef?: string;
  @Prop({ type: Buffer })
  archive?: Buffer | null;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  @Prop({ type: Date, required: true })
  updatedAt!: Date;
  @Prop({ type: Number, required: true })
  attempt!: number;
  @Prop({ type: String })
  leaseOwner?: string;
  @Prop({ type: Date })
  leaseUntil?: Date;
}
export const SdkSchema = SchemaFactory.createForClass(SdkDocument);
SdkSchema.index({ specTraceId: 1, generator: 1, version: -1 }, { unique: true });
SdkSchema.index({ status: 1, createdAt: 1 });

/** How often answers of one operation did not match the document. */
@Schema(collection('drifts'))
export class DriftDocument {
  /** `specTraceId:version:METHOD path`. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  specTraceId!: string;
  @Prop({ type: Number, required: true })
  version!: number;
  @Prop({ type: String, required: true })
  method!: string;
  @Prop({ type: String, required: true })
  path!: string;
  @Prop({ type: Number, required: true })
  count!: number;
  @Prop({ type: Date, required: true })
  lastAt!: Date;
}
export const DriftSchema = SchemaFactory.createForClass(DriftDocument);
DriftSchema.index({ specTraceId: 1, version: 1 });

/** An idempotency key, and what its request made. */
@Schema(collection('idempotency'))
export class IdempotencyDocument {
  /** The hash of the key and its scope. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: String, required: true })
  fingerprint!: string;
  @Prop({ type: String, required: true })
  traceId!: string;
  /** Absent once the request has been carried out. */
  @Prop({ type: Date })
  busyUntil?: Date;
  @Prop({ type: Date, required: true })
  expiresAt!: Date;
}
export const IdempotencySchema = SchemaFactory.createForClass(IdempotencyDocument);
IdempotencySchema.index({ expiresAt: 1 });

/** A random key that every process of an installation shares. */
@Schema(collection('keys'))
export class KeyDocument {
  /** Its name. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: Buffer, required: true })
  bytes!: Buffer;
}
export const KeySchema = SchemaFactory.createForClass(KeyDocument);

/** A project, there or removed. */
@Schema(collection('projects'))
export class ProjectDocument {
  /** Its name. */
  @Prop({ type: String, required: true })
  _id!: string;
  /** As JSON text. */
  @Prop({ type: String, required: true })
  title!: string;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  @Prop({ type: Date, required: true })
  updatedAt!: Date;
  @Prop({ type: Boolean, required: true })
  isThere!: boolean;
  @Prop({ type: Date })
  removedAt?: Date;
}
export const ProjectSchema = SchemaFactory.createForClass(ProjectDocument);

/** An API key. */
@Schema(collection('api_keys'))
export class ApiKeyDocument {
  /** The trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: Date, required: true })
  createdAt!: Date;
  @Prop({ type: Date })
  lastUsedAt?: Date;
  /** Its other fields, as JSON text. */
  @Prop({ type: String, required: true })
  record!: string;
}
export const ApiKeySchema = SchemaFactory.createForClass(ApiKeyDocument);
ApiKeySchema.index({ project: 1, createdAt: -1, _id: -1 });

/** An action in the audit log. */
@Schema(collection('audit'))
export class AuditDocument {
  /** The trace id. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: String, required: true })
  project!: string;
  @Prop({ type: Date, required: true })
  at!: Date;
  /** Its other fields, as JSON text. */
  @Prop({ type: String, required: true })
  record!: string;
  /** As JSON text, if it had ended when it was written. */
  @Prop({ type: String })
  outcome?: string;
}
export const AuditSchema = SchemaFactory.createForClass(AuditDocument);
AuditSchema.index({ project: 1, at: -1, _id: -1 });
AuditSchema.index({ at: 1 });

/** How an action ended that was written before that. */
@Schema(collection('audit_outcomes'))
export class AuditOutcomeDocument {
  /** The trace id of the action. */
  @Prop({ type: String, required: true })
  _id!: string;
  /** As JSON text. */
  @Prop({ type: String, required: true })
  outcome!: string;
}
export const AuditOutcomeSchema = SchemaFactory.createForClass(AuditOutcomeDocument);

/** How many bytes are kept of one kind. */
@Schema(collection('kept_bytes'))
export class KeptBytesDocument {
  /** `requests`, `responses` or `logs`. */
  @Prop({ type: String, required: true })
  _id!: string;
  @Prop({ type: Number, required: true })
  bytes!: number;
  /** When all was counted anew; absent: never yet. */
  @Prop({ type: Date })
  countedAt?: Date;
}
export const KeptBytesSchema = SchemaFactory.createForClass(KeptBytesDocument);

/** One log record. */
@Schema(collection('logs'))
export class LogDocument {
  @Prop({ type: String, required: true })
  project!: string;
  /** When it was appended. */
  @Prop({ type: Date, required: true })
  at!: Date;
  /** The record's keys whose values every database can hold, so that they can be searched. */
  @Prop({ type: Object, required: true })
  record!: Record<string, unknown>;
  /** The other keys, as JSON text. */
  @Prop({ type: String })
  others?: string;
  /** What it takes, roughly; absent in older documents. */
  @Prop({ type: Number })
  bytes?: number;
}
export const LogSchema = SchemaFactory.createForClass(LogDocument);
LogSchema.index({ at: 1, _id: 1 });
