import { Conflict, keepMasked, maskUserinfo, SPEC_STEPS, Unavailable } from '#core';
import type { Clock, Credentials, Limits, Payload, Principal, RetryPolicy, SpecChange, SpecStore } from '#core';
import { refuseUnseen, specNotFound } from './find-spec.js';
import type { Herald } from './herald.js';
import type { PayloadStore } from './payload-store.js';
import { documentBlob, documentHash } from './register-spec.js';
import type { RegisterSpecInput } from './register-spec.js';

/**
 * How often a PUT tries again when another PUT of the same Spec came between its reading and its writing: of as many
 * at once one gets through each time.
 */
const MAX_TRIES = 200;

/** What is to change; null takes back what is optional. */
export interface ChangeSpecInput extends Partial<
  Omit<RegisterSpecInput, 'url' | 'serverVariables' | 'credentials' | 'retry' | 'limits'>
> {
  readonly url?: string | null | undefined;
  readonly serverVariables?: Readonly<Record<string, string>> | null | undefined;
  readonly credentials?: Credentials | null | undefined;
  readonly retry?: Partial<RetryPolicy> | null | undefined;
  readonly limits?: Limits | null | undefined;
}

/** PUT /v1/api/spec/{trace_id}: changes what was sent, and generates anew when the document or the name differs. */
export class ChangeSpec {
  constructor(
    private readonly specs: SpecStore,
    private readonly payloads: PayloadStore,
    private readonly herald: Herald,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws NotFound when there is no such Spec; Conflict when an active Spec has the new name.
   */
  async execute(caller: Principal, traceId: string, input: ChangeSpecInput): Promise<void> {
    refuseUnseen(caller, traceId);
    const { project } = caller;
    const document = new KeptDocument(this.payloads, traceId, input.document);
    try {
      await this.change(project, traceId, input, document);
    } catch (error) {
      // Of a change whose end is not known the document may be needed.
      if (!(error instanceof Unavailable)) await document.discardUnused();
      throw error;
    }
    await document.discardUnused();
  }

  private async change(
    project: string,
    traceId: string,
    input: ChangeSpecInput,
    document: KeptDocument,
  ): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const spec = await this.specs.find(project, traceId);
      if (!spec) throw specNotFound(traceId);
      const name = input.name?.toLowerCase();
      const different = document.hash !== undefined && document.hash !== spec.documentHash;
      const requeue = different || (name !== undefined && name !== spec.name);
      const change: SpecChange = {
        name,
        // What was shown masked comes back so.
        headers: input.headers && keepMasked(input.headers, spec.headers),
        url: isMaskOf(input.url, spec.url) ? spec.url : input.url,
        serverVariables: input.serverVariables,
        credentials: input.credentials,
        retry: input.retry,
        limits: input.limits,
        document: different ? await document.keep() : undefined,
        requeue: requeue ? { steps: [SPEC_STEPS.received] } : undefined,
        now: this.clock.now(),
      };
      if (!(await this.specs.update(project, traceId, spec.revision, change))) continue;
      if (different) document.isUsed = true;
      this.herald.tell(requeue ? 'SPEC' : 'SPEC_UPDATE', traceId, input.traceContext);
      return;
    }
    throw new Conflict('SPEC_BUSY', `Expected to change the spec ${traceId}, but others keep changing it.`);
  }
}

function isMaskOf(url: string | null | undefined, stored: string | undefined): boolean {
  return typeof url === 'string' && stored !== undefined && url === maskUserinfo(stored);
}

/** The document of one PUT: kept once, however often the change is tried. */
class KeptDocument {
  readonly hash: string | undefined;
  isUsed = false;
  private kept: { content: Payload; hash: string } | undefined;

  constructor(
    private readonly payloads: PayloadStore,
    private readonly specTraceId: string,
    private readonly bytes: Buffer | undefined,
  ) {
    this.hash = bytes && documentHash(bytes);
  }

  async keep(): Promise<{ content: Payload; hash: string } | undefined> {
    if (!this.bytes || this.hash === undefined) return undefined;
    this.kept ??= {
      content: await this.payloads.keepApart(documentBlob(this.specTraceId), this.bytes),
      hash: this.hash,
    };
    return this.kept;
  }

  async discardUnused(): Promise<void> {
    if (this.kept && !this.isUsed) await this.payloads.discard(this.kept.content);
  }
}
