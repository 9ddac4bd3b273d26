import type { GenerateClient } from '#scheduling';
import { DocumentHandler } from './document-handler.js';

/** SPEC: a Spec was created, or its document or name changed. */
export class SpecHandler extends DocumentHandler<GenerateClient> {
  readonly type = 'SPEC';
  protected readonly stage = 'generate client';
}
