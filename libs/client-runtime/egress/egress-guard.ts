import { networkInterfaces } from 'node:os';
import type { LookupAddress } from 'node:dns';
import type { Clock } from '#core';
import { DialRefused } from '../http/dial-guard.js';
import type { DialGuard } from '../http/dial-guard.js';
import { HostList, hostName } from './host-list.js';
import { judgedAddresses } from './judged-addresses.js';
import { reachOf } from './networks.js';
import type { Ip } from './networks.js';
import { OwnServers } from './own-servers.js';
import type { OwnServer, OwnServersOptions } from './own-servers.js';

export interface EgressOptions {
  readonly clock: Clock;
  /** Whether loopback addresses and those of private networks may be called. */
  readonly allowPrivate: boolean;
  /** Hosts and networks that may be called though they are private, as `HostList` reads them. */
  readonly allow?: readonly string[] | undefined;
  /** Hosts and networks that may not be called whatever else is said. */
  readonly deny?: readonly string[] | undefined;
  /** The only ports that may be called; none: all. */
  readonly ports?: readonly number[] | undefined;
  /** The installation's own servers. */
  readonly servers?: readonly OwnServer[] | undefined;
  /** Ports on which this machine listens for the installation's own users. */
  readonly ownPorts?: readonly number[] | undefined;
  /** How names of own servers are looked up. Default: as the system does. */
  readonly lookup?: OwnServersOptions['lookup'];
}

/**
 * Keeps requests from where they do not belong: judges the address that a connection goes to, whatever it was called.
 * Some networks are called by nobody, private ones by whom the operator lets, the installation's own servers never.
 */
export class EgressGuard implements DialGuard {
  private readonly allow: HostList;
  private readonly deny: HostList;
  private readonly ports: ReadonlySet<number>;
  private readonly ownPorts: Set<number>;
  private readonly servers: OwnServers;

  constructor(private readonly options: EgressOptions) {
    this.allow = new HostList(options.allow ?? []);
    this.deny = new HostList(options.deny ?? []);
    this.ports = new Set(options.ports);
    this.ownPorts = new Set(options.ownPorts);
    const { servers = [], clock, lookup } = options;
    this.servers = new OwnServers({ servers, clock, isLocal, lookup });
  }

  /** Takes one more port for one of this machine's own: 0, as a variable has it, is told when it is known. */
  protect(port: number): void {
    this.ownPorts.add(port);
  }

  async permitted(host: string, port: number, addresses: readonly LookupAddress[]): Promise<readonly LookupAddress[]> {
    const name = hostName(host);
    if (this.ports.size > 0 && !this.ports.has(port)) {
      throw new DialRefused(name, `port ${port} is not one of EGRESS_PORTS`);
    }
    if (this.deny.hasName(name)) throw new DialRefused(name, 'EGRESS_DENY names it');
    const permitted: LookupAddress[] = [];
    let broken = 'it has no address';
    for (const found of addresses) {
      const rule = await this.ruleAgainst(name, port, found.address);
      if (rule === undefined) permitted.push(found);
      else broken = rule;
    }
    if (permitted.length === 0) throw new DialRefused(name, broken);
    return permitted;
  }

  /** Which rule keeps an address from being called; undefined for none. */
  private async ruleAgainst(name: string, port: number, text: string): Promise<string | undefined> {
    const judged = judgedAddresses(text);
    if (judged.length === 0) return 'its address cannot be read';
    for (const address of judged) {
      const rule = await this.ruleAgainstOne(name, port, address);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }

  private async ruleAgainstOne(name: string, port: number, address: Ip): Promise<string | undefined> {
    const { reach, kind } = reachOf(address);
    if (reach === 'never') return `it is ${kind}, and those are never called`;
    if (this.ownPorts.has(port) && isLocal(address)) return 'it is Callboard itself';
    if (await this.servers.has(address, port)) return "it is one of Callboard's own servers";
    if (this.deny.hasAddress(address)) return 'EGRESS_DENY names its network';
    if (reach === 'public' || this.options.allowPrivate) return undefined;
    if (this.allow.hasName(name) || this.allow.hasAddress(address)) return undefined;
    return `it is ${kind}, and EGRESS_PRIVATE and EGRESS_ALLOW allow none such`;
  }
}

/** Whether this machine calls itself by an address. */
function isLocal(address: Ip): boolean {
  if (reachOf(address).kind === 'a loopback address') return true;
  const text = address.toString();
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => sameText(own.address, text)));
}

function sameText(own: string, text: string): boolean {
  return judgedAddresses(own).some((address) => address.toString() === text);
}
