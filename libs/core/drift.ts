/** One way in which an answer differs from what the document says of it. It never quotes more than shape and length. */
export interface DriftFault {
  readonly place: 'status' | 'media_type' | 'header' | 'body';
  /** JSON pointer into the body, or the header's name. */
  readonly pointer?: string | undefined;
  readonly expected: string;
  readonly got: string;
}
