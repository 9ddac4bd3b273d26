import type { DocumentLimits } from '../limits.js';
import type { Warning } from '../warning.js';

/** What the host asks of its child: one document at a time. */
export interface GenerateRequest {
  readonly document: Uint8Array;
  readonly limits: DocumentLimits;
}

/** The texts that a client consists of: one more is a name here and a line in the child. */
export type TextName = 'yaml' | 'table' | 'schemas' | 'summary' | 'types';

/**
 * What the child tells of each document: that it has begun; its texts in pieces, each text whole before the next; that
 * the YAML is complete; and that all is, or why there is no client.
 */
export type ChildMessage =
  | { readonly kind: 'begun' }
  | { readonly kind: 'piece'; readonly text: TextName; readonly bytes: Uint8Array }
  | { readonly kind: 'yaml'; readonly warnings: readonly Warning[] }
  | { readonly kind: 'done'; readonly residentBytes: number }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly warnings: readonly Warning[];
    };

/** The texts of a client in UTF-8, and what was repaired in its document. */
export interface ClientTexts {
  readonly bytes: Readonly<Record<TextName, Buffer>>;
  readonly warnings: readonly Warning[];
}
