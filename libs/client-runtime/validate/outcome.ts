/** Answers of a type's check in place of the value: it is of no type that the schema allows, or it needs no further look. */
export const MISMATCH = Symbol('mismatch');
export const ACCEPTED = Symbol('accepted');
