import type { LookupAddress } from 'node:dns';

/** Says which connections may be opened: asked when one is, after the look-up and before a packet leaves. */
export interface DialGuard {
  /**
   * Those of a host's addresses that may be connected to, in order; nothing else is then tried.
   * @param host as the URL has it, without brackets; in lower case.
   * @param addresses what the host was looked up as; itself where it is an address.
   * @throws DialRefused when there is none.
   */
  permitted(host: string, port: number, addresses: readonly LookupAddress[]): Promise<readonly LookupAddress[]>;
}

/** A connection that must not be opened. The message names host and rule, never the address. */
export class DialRefused extends Error {
  constructor(host: string, rule: string) {
    super(`${host} is not called: ${rule}`);
    this.name = 'DialRefused';
  }
}
