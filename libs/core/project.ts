/** The tenant that a document belongs to. Every document, key and index carries it from the first day. */
export const DEFAULT_PROJECT = 'default';
