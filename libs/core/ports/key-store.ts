/** Random keys that every process of an installation shares, such as the one of the cache's keyed hash. */
export abstract class KeyStore {
  /** The 32 bytes of a name; made at the first call. Of two first calls at once both get the same bytes. */
  abstract key(name: string): Promise<Buffer>;
}
