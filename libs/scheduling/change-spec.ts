import { Conflict, DEFAULT_PROJECT, SPEC_STEPS } from '#core';
import type { Clock, Credentials, Spec, SpecChange, SpecStore } from '#core';
import { specNotFound } from './find-spec.js';
import type { Herald } from './herald.js';
import type { PayloadStore } from './payload-store.js';
import { documentBlob, documentHash } from './register-spec.js';
import type { RegisterSpecInput } from './register-spec.js';

/** How often a PUT tries again when another PUT of the same Spec came between its reading and its writing. */
const MAX_TRIES = 20;

/** What is to change; null takes back what is optional. */
export interface ChangeSpecInput extends Partial<Omit<RegisterSpecInput, 'url' | 'serverVariables' | 'credentials'>> {
  readonly url?: string | null | undefined;
  readonly serverVariables?: Readonly<Record<string, string>> | null | undefined;
  readonly credentials?: Credentials | null | undefined;
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
  async execute(traceId: string, input: ChangeSpecInput): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const spec = await this.specs.find(DEFAULT_PROJECT, traceId);
      if (!spec) throw specNotFound(traceId);
      const change = await this.changeOf(spec, input);
      if (!(await this.update(spec, change))) continue;
      this.herald.tell(change.requeue ? 'SPEC' : 'SPEC_UPDATE', traceId);
      return;
    }
    throw new Conflict('SPEC_BUSY', `Expected to change the spec ${traceId}, but others keep changing it.`);
  }

  private async update(spec: Spec, change: SpecChange): Promise<boolean> {
    try {
      return (await this.specs.update(DEFAULT_PROJECT, spec.traceId, spec.revision, change)) !== null;
    } catch (error) {
      // A name that is taken: the document that came with it is nobody's.
      if (error instanceof Conflict && change.document) await this.payloads.discard(change.document.content);
      throw error;
    }
  }

  private async changeOf(spec: Spec, input: ChangeSpecInput): Promise<SpecChange> {
    const name = input.name?.toLowerCase();
    const hash = input.document && documentHash(input.document);
    const document =
      input.document && hash !== undefined && hash !== spec.documentHash
        ? { content: await this.payloads.keepApart(documentBlob(spec.traceId, hash), input.document), hash }
        : undefined;
    const renamed = name !== undefined && name !== spec.name;
    return {
      name,
      headers: input.headers,
      url: input.url,
      serverVariables: input.serverVariables,
      credentials: input.credentials,
      document,
      requeue: document || renamed ? { steps: [SPEC_STEPS.received] } : undefined,
      now: this.clock.now(),
    };
  }
}
