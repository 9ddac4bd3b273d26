import type { ReviewClient } from '#scheduling';
import { DocumentHandler } from './document-handler.js';

/** SPEC_CLIENT_GENERATED: a Client waits for its review. */
export class SpecClientGeneratedHandler extends DocumentHandler<ReviewClient> {
  readonly type = 'SPEC_CLIENT_GENERATED';
  protected readonly stage = 'review client';
}
