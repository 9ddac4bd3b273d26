import type { DocumentLimits } from '../limits.js';
import type { Warning } from '../warning.js';

/**
 * The child's descriptor of the pipe that carries what is large, as plain bytes: documents one way, texts the other.
 * What is said about them goes as messages.
 */
export const PIPE = 4;

/** What the host asks of its child: one document at a time, whose bytes it puts into the pipe. */
export interface GenerateRequest {
  readonly documentBytes: number;
  readonly limits: DocumentLimits;
}

/** The texts that a client consists of: one more is a name here and a line in the child. */
export type TextName = 'yaml' | 'table' | 'schemas' | 'summary' | 'types';

/**
 * What the child tells of each document: that it has begun; that a text stands in the pipe as a whole, which is all since
 * the one before; that the YAML does; and that all do, or why there is no client.
 */
export type ChildReport =
  | { readonly kind: 'begun' }
  | { readonly kind: 'text'; readonly text: TextName }
  | { readonly kind: 'yaml'; readonly warnings: readonly Warning[] }
  | { readonly kind: 'done'; readonly residentBytes: number; readonly cpuSeconds: number }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly warnings: readonly Warning[];
    };

/** A report, which holds as soon as the host has taken as many bytes of this document's texts out of the pipe. */
export type ChildMessage = ChildReport & { readonly written: number };

/** The texts of a client in UTF-8, and what was repaired in its document. */
export interface ClientTexts {
  readonly bytes: Readonly<Record<TextName, Buffer>>;
  readonly warnings: readonly Warning[];
}
