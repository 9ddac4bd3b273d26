import { domainToASCII } from 'node:url';
import { blockOf, holds } from './networks.js';
import type { Block, Ip } from './networks.js';

/** Hosts by name, and networks by address. */
export class HostList {
  private readonly names = new Set<string>();
  private readonly endings: string[] = [];
  private readonly blocks: Block[] = [];

  /**
   * @param entries IP addresses, CIDR blocks, host names, and `*.example.com` for all names below one.
   */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      if (/^[\d.]+(\/\d+)?$|:/.test(entry)) this.blocks.push(blockOf(entry));
      else if (entry.startsWith('*.')) this.endings.push(`.${hostName(entry.slice(2))}`);
      else this.names.add(hostName(entry));
    }
  }

  /** @param host as `hostName` gives it. */
  hasName(host: string): boolean {
    return this.names.has(host) || this.endings.some((ending) => host.endsWith(ending));
  }

  hasAddress(address: Ip): boolean {
    return this.blocks.some((block) => holds(block, address));
  }
}

/** A host's name as names are compared: in ASCII, lower case, without the dot at its end. */
export function hostName(host: string): string {
  const bare = host.replace(/\.+$/, '').toLowerCase();
  return domainToASCII(bare) || bare;
}
