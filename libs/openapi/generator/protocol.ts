import type { DocumentLimits } from '../limits.js';
import type { Warning } from '../warning.js';

/** What the host asks of its child: one document at a time. */
export interface GenerateRequest {
  readonly document: Uint8Array;
  readonly limits: DocumentLimits;
}

/** What the child tells of each document: that it has begun, its YAML, and its client or why there is none. */
export type ChildMessage =
  | { readonly kind: 'begun' }
  | { readonly kind: 'yaml'; readonly yaml: string }
  | ({ readonly kind: 'client'; readonly residentBytes: number } & ClientTexts)
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly warnings: readonly Warning[];
    };

/** Everything as text: a long string crosses a pipe and a store at a fraction of an object's cost. */
export interface ClientTexts {
  readonly table: string;
  readonly summary: string;
  readonly types: string;
  readonly schemas: string;
  readonly warnings: readonly Warning[];
}
