import type { Style } from './read-styles.js';
import type { Json } from './sample.js';

/** One parameter as the document has it, and the value that a call gives it. */
export interface GivenParameter {
  readonly node: Json;
  readonly in: string;
  readonly name: string;
  readonly style: Style;
  /** The media type of a `content` parameter. */
  readonly contentType: string | undefined;
  readonly value: unknown;
}

export interface GivenBody {
  readonly contentType: string;
  readonly media: unknown;
  readonly value: unknown;
}
