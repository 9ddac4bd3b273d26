import { lookup as lookUp, resolveSrv } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import type { Clock } from '#core';
import type { Ip } from './networks.js';
import { judgedAddresses } from './judged-addresses.js';

/** A server of the installation's own, which nobody calls through it: a database, a broker, a proxy. */
export interface OwnServer {
  /** A host name or an address, without brackets. */
  readonly host: string;
  /** Unset: host is a name under which SRV records tell the servers, as `_mongodb._tcp.example.com`. */
  readonly port?: number | undefined;
}

export interface OwnServersOptions {
  readonly servers: readonly OwnServer[];
  readonly clock: Clock;
  /** Whether an address is one of this machine. */
  readonly isLocal: (address: Ip) => boolean;
  readonly lookup?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
}

/** For how long what was looked up is taken for true, in milliseconds. */
const FRESH_MS = 30_000;

interface Known {
  readonly at: number;
  /** Empty: nothing could be looked up yet. */
  readonly places: readonly { readonly address: Ip; readonly port: number }[];
}

/** Knows the installation's own servers by whatever name and address they are called. */
export class OwnServers {
  private readonly known = new Map<OwnServer, Known>();
  private readonly lookup: (host: string) => Promise<readonly LookupAddress[]>;

  constructor(private readonly options: OwnServersOptions) {
    this.lookup = options.lookup ?? ((host) => lookUp(host, { all: true }));
  }

  /** @throws what a look-up throws, where a server of that port has never been found: it might be this one. */
  async has(address: Ip, port: number): Promise<boolean> {
    for (const server of this.options.servers) {
      if (server.port !== undefined && server.port !== port) continue;
      const places = await this.placesOf(server);
      if (places.some((place) => place.port === port && this.isSame(place.address, address))) return true;
    }
    return false;
  }

  private isSame(one: Ip, other: Ip): boolean {
    if (one.toString() === other.toString()) return true;
    return this.options.isLocal(one) && this.options.isLocal(other);
  }

  private async placesOf(server: OwnServer): Promise<Known['places']> {
    const now = this.options.clock.now();
    const known = this.known.get(server);
    if (known && now >= known.at && now < known.at + FRESH_MS) return known.places;
    try {
      const places = await this.find(server);
      this.known.set(server, { at: now, places });
      return places;
    } catch (error) {
      if (known) return known.places;
      throw error;
    }
  }

  private async find({ host, port }: OwnServer): Promise<Known['places']> {
    const targets = port === undefined ? await resolveSrv(host) : [{ name: host, port }];
    const found = await Promise.all(
      targets.map(async (target) => {
        const addresses = await this.lookup(target.name);
        return addresses
          .flatMap(({ address }) => judgedAddresses(address))
          .map((address) => ({ address, port: target.port }));
      }),
    );
    return found.flat();
  }
}
