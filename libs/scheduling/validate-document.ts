import { setImmediate } from 'node:timers/promises';
import { Permanent, Unavailable } from '#core';
import type { Clock, DocumentReport } from '#core';
import { clientFolder } from '#client-runtime';
import type { ClientGenerator } from '#openapi';
import { clientFault } from './client-fault.js';
import { reportOf, reportOfRefusal } from './document-report.js';

/** What a document would become, had it been registered. */
export interface DocumentVerdict extends DocumentReport {
  /** The sentence that its Spec would end in ERROR with; absent when it would end in SUCCESS. */
  readonly error?: string | undefined;
}

/** How many documents may wait for their turn; each holds its bytes. */
const MOST_WAITING = 8;

/** POST /v1/api/spec/validate: reads and reviews a document as for a Spec, and keeps nothing. */
export class ValidateDocument {
  private underWay = 0;

  constructor(
    private readonly generator: ClientGenerator,
    private readonly clock: Clock,
  ) {}

  /** @throws Unavailable when too many documents wait already, or `signal` has aborted. */
  async execute(document: Buffer, signal: AbortSignal): Promise<DocumentVerdict> {
    if (this.underWay >= MOST_WAITING) {
      throw new Unavailable('VALIDATION_BUSY', `Expected at most ${MOST_WAITING} documents to validate at once.`);
    }
    this.underWay += 1;
    try {
      return await this.verdict(document, signal);
    } finally {
      this.underWay -= 1;
    }
  }

  private async verdict(document: Buffer, signal: AbortSignal): Promise<DocumentVerdict> {
    let report: DocumentReport | undefined;
    try {
      const generated = await this.generator.generate(document, { signal });
      const { table, bytes } = generated;
      report = reportOf({ table, warnings: generated.warnings });
      // Of a large document each of these takes a tenth of a second, and others wait for an answer.
      await setImmediate();
      const texts = { yaml: bytes.yaml.toString(), types: bytes.types.toString() };
      await setImmediate();
      const files = await clientFolder({ spec: NO_SPEC, table, ...texts, now: this.clock.now() });
      const fault = await clientFault(files, table, signal);
      return fault === null ? report : { ...report, error: fault };
    } catch (error) {
      if (!(error instanceof Permanent)) throw error;
      return { ...(report ?? reportOfRefusal(error)), error: error.message };
    }
  }
}

const NO_SPEC = { traceId: '0'.repeat(16), name: 'validated', version: 1 };
