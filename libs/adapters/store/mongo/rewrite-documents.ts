import type { mongo } from 'mongoose';
import { PROCESS_OVERHEAD_BYTES } from '#core';
import type { LogRecord } from '#core';
import type { RewritingEncryption } from '#encryption';
import { decodeLetterText, decodeRecord, encodeLetterText, encodeRecord, letterPlace } from '../dead-letter-scan.js';
import { encodeLog, rewriteRecord } from '../log-encoding.js';
import { sealPayload } from '../payload-encoding.js';
import {
  decodeCalls,
  decodeDrift,
  decodeRequest,
  decodeResponse,
  encodeCalls,
  encodeDrift,
  encodeRequest,
  encodeResponse,
  processPlace,
} from '../process-encoding.js';
import { openSharedKey, sealSharedKey } from '../shared-key.js';
import { specPlace } from '../spec-places.js';
import type {
  ClientDocument,
  DeadMessageDocument,
  KeyDocument,
  LogDocument,
  ProcessDocument,
  SpecDocument,
  VersionFields,
} from './documents.js';
import { encodeLogDocument } from './mongo-log-store.js';
import { decodeClient, decodeSpec, decodeVersion, encodeClient, encodeSpec, encodeVersion } from './spec-documents.js';

/** What is written over a document, as long as that is still what was read. */
export interface Rewritten {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly $set: Readonly<Record<string, unknown>>;
  readonly $unset?: Readonly<Record<string, ''>> | undefined;
}

/** What of a document is to be rewritten; null where nothing is. */
export type Rewrite<T> = (document: mongo.WithId<T>) => Rewritten | null;

/** How the documents of each collection are rewritten. */
export class DocumentRewriter {
  constructor(private readonly encryption: RewritingEncryption) {}

  readonly process: Rewrite<ProcessDocument> = (document) => {
    const { encryption } = this;
    const { _id: traceId, project, specTraceId, calls, drift, responseHead: head } = document;
    const place = processPlace({ project, traceId });
    const request = encryption.notice(() => decodeRequest(document.request, place, encryption, () => document.body));
    const made = calls === undefined ? null : encryption.notice(() => decodeCalls(calls, place, encryption));
    const faults = drift === undefined ? null : encryption.notice(() => decodeDrift(drift, place, encryption));
    const answered =
      head === undefined
        ? null
        : encryption.notice(() => decodeResponse(head, document.responseBody ?? null, place, encryption));
    const parts: Rewritten[] = [];
    // Each of these texts holds a ciphertext, and so is never the same twice; but a head, which is written once.
    if (request.isStale) {
      const {
        request: text,
        body,
        bytes,
      } = encodeRequest({ ...request.value, traceId, project, specTraceId }, encryption);
      const more = document.requestBytes === undefined ? {} : { requestBytes: bytes + PROCESS_OVERHEAD_BYTES };
      parts.push({ filter: { request: document.request }, $set: { request: text, ...(body && { body }), ...more } });
    }
    if (made?.isStale) {
      const text = encodeCalls(made.value, place, encryption);
      const more = document.callsBytes === undefined ? {} : { callsBytes: Buffer.byteLength(text) };
      parts.push({ filter: { calls: calls ?? '' }, $set: { calls: text, ...more } });
    }
    if (faults?.isStale) {
      parts.push({ filter: { drift }, $set: { drift: encodeDrift(faults.value, place, encryption) } });
    }
    if (answered?.isStale) {
      const { head: text, content, bytes } = encodeResponse(answered.value, place, encryption);
      const more = document.responseBytes === undefined ? {} : { responseBytes: bytes };
      parts.push({
        filter: { responseHead: head ?? '' },
        $set: { responseHead: text, responseBody: content, ...more },
      });
    }
    return parts.length === 0 ? null : joined(parts);
  };

  /** Of a deleted one too. */
  readonly spec = (document: SpecDocument): Rewritten | null => {
    const { encryption } = this;
    const { revision, attempt, status, updatedAt, versions = {} } = document;
    const spec = encryption.notice(() => decodeSpec(document, encryption));
    const fields = spec.isStale ? encryptedFields(encodeSpec(spec.value, encryption)) : {};
    const place = specPlace({ project: document.project, traceId: document._id });
    const rewritten = Object.entries(versions).flatMap(([number, version]) => {
      const { value, isStale } = encryption.notice(() => decodeVersion(Number(number), version, place, encryption));
      if (!isStale) return [];
      const { document: content, documentRef } = encodeVersion(
        value.document,
        value.documentHash,
        version.createdAt,
        place,
        encryption,
      );
      const report = value.report && sealPayload(encryption, place, 'report', value.report);
      const told = report && { reportRef: JSON.stringify(report.ref), report: report.content };
      return Object.entries({ documentRef, document: content, ...told } satisfies Partial<VersionFields>).map(
        ([name, field]) => [`versions.${number}.${name}`, field] as const,
      );
    });
    const $set = { ...fields, ...Object.fromEntries(rewritten) };
    // Whoever changes a Spec raises its revision or its attempt, or goes on to another status.
    return Object.keys($set).length === 0 ? null : { filter: { revision, attempt, status, updatedAt }, $set };
  };

  readonly client: Rewrite<ClientDocument> = (document) => {
    const { value, isStale } = this.encryption.notice(() => decodeClient(document, this.encryption));
    if (!isStale) return null;
    const { refs, yaml, table, types, summary, schemas } = encodeClient(value, this.encryption);
    const { createdAt } = document;
    return { filter: { refs: document.refs, createdAt }, $set: { refs, yaml, table, types, summary, schemas } };
  };

  readonly letter: Rewrite<DeadMessageDocument> = ({ _id: traceId, project, record: text, payload }) => {
    const { encryption } = this;
    const place = letterPlace({ traceId, project });
    const { value, isStale } = encryption.notice(() => ({
      record: decodeRecord(text, place, encryption),
      message: payload && decodeLetterText(payload, text, place, encryption),
    }));
    if (!isStale) return null;
    const letter = { ...value.record, traceId, project } as Parameters<typeof encodeRecord>[0];
    const content = value.message !== undefined && { payload: encodeLetterText(letter, value.message, encryption) };
    return { filter: { record: text }, $set: { record: encodeRecord(letter, encryption), ...content } };
  };

  readonly log: Rewrite<LogDocument> = ({ at, record, others }) => {
    const plain = others === undefined ? undefined : (JSON.parse(others) as LogRecord);
    const rewritten = rewriteRecord({ ...record, ...plain }, this.encryption);
    if (!rewritten) return null;
    const { others: left, ...$set } = encodeLogDocument(encodeLog(rewritten, this.encryption), at);
    return left === undefined
      ? { filter: {}, $set, $unset: { others: '' } }
      : { filter: {}, $set: { ...$set, others: left } };
  };

  readonly key: Rewrite<KeyDocument> = ({ _id: name, bytes: stored }) => {
    const { value, isStale } = this.encryption.notice(() => openSharedKey(name, stored, this.encryption));
    return isStale ? { filter: { bytes: stored }, $set: { bytes: sealSharedKey(name, value, this.encryption) } } : null;
  };
}

function encryptedFields({ headers, url, serverVariables, credentials, documentRef, document }: SpecDocument) {
  const maybe = Object.entries({ url, serverVariables, credentials }).filter(([, value]) => value !== undefined);
  return { headers, documentRef, document, ...Object.fromEntries(maybe) };
}

function joined(parts: readonly Rewritten[]): Rewritten {
  return {
    filter: Object.assign({}, ...parts.map(({ filter }) => filter)) as Rewritten['filter'],
    $set: Object.assign({}, ...parts.map(({ $set }) => $set)) as Rewritten['$set'],
  };
}
