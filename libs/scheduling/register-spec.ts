import { createHash } from 'node:crypto';
import { newTraceId, SPEC_STEPS, Unavailable } from '#core';
import type { Clock, Credentials, Limits, Principal, RetryPolicy, SpecStore, TraceContext } from '#core';
import type { Herald } from './herald.js';
import type { PayloadStore } from './payload-store.js';

export interface RegisterSpecInput {
  /** In any case; kept in lower case. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The document's bytes: anything at all; what is wrong with them is found out by the worker. */
  readonly document: Buffer;
  readonly url?: string | undefined;
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
  readonly credentials?: Credentials | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  readonly limits?: Limits | undefined;
  /** Where in a distributed trace the request stands. */
  readonly traceContext?: TraceContext | undefined;
}

/** POST /v1/api/spec: keeps a document and asks for its Client. */
export class RegisterSpec {
  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the new Spec's trace id.
   * @throws Conflict when an active Spec has the name.
   */
  async execute({ project }: Principal, input: RegisterSpecInput): Promise<string> {
    const now = this.clock.now();
    const traceId = newTraceId();
    const hash = documentHash(input.document);
    const document = await this.payloads.keepApart(documentBlob(traceId), input.document);
    try {
      await this.specs.insert({
        traceId,
        project,
        name: input.name.toLowerCase(),
        headers: input.headers,
        url: input.url,
        serverVariables: input.serverVariables,
        credentials: input.credentials,
        retry: input.retry,
        limits: input.limits,
        document,
        documentHash: hash,
        version: 1,
        servingVersion: null,
        revision: 1,
        status: 'WAITING',
        steps: [SPEC_STEPS.received],
        createdAt: now,
        updatedAt: now,
        attempt: 0,
      });
    } catch (error) {
      // Where it is not known whether the Spec was stored, its document may be needed.
      if (!(error instanceof Unavailable)) await this.payloads.discard(document);
      throw error;
    }
    this.herald.tell('SPEC', traceId, input.traceContext);
    return traceId;
  }
}

/** SHA-256 of a document's bytes, 64 hexadecimal characters: equal documents have equal hashes. */
export function documentHash(document: Buffer): string {
  return createHash('sha256').update(document).digest('hex');
}

/** A place for a document, apart from its Spec: each call reads that, and few read the document. */
export function documentBlob(traceId: string): string {
  return `specs/${traceId}/${newTraceId()}`;
}
