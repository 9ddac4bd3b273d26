import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const HEADER_BYTES = 12;
const TYPES = { 1: 'A', 28: 'AAAA' } as const;

/** The addresses of a name at each look-up in turn; the last ones stay. */
export type Zone = Map<string, readonly (readonly string[])[]>;

/**
 * A name server on loopback whose answers change from one look-up to the next, and are good for no time at all.
 * https://www.rfc-editor.org/rfc/rfc1035#section-4
 */
export class DnsServer {
  private readonly socket = createSocket('udp4');
  private readonly resolver = new Resolver({ timeout: 2_000, tries: 2 });
  private readonly asked = new Map<string, number>();

  constructor(private readonly zone: Zone) {
    this.socket.on('message', (query, from) => this.socket.send(this.answer(query), from.port, from.address));
  }

  async start(): Promise<void> {
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    this.resolver.setServers([`127.0.0.1:${this.socket.address().port}`]);
  }

  close(): void {
    this.socket.close();
  }

  /** Looks a name up as a caller is made to; what is no name of a zone as the system does. */
  readonly lookup = async (name: string): Promise<LookupAddress[]> => {
    const host = name.replace(/\.$/, '');
    if (!host.endsWith('.test')) return lookup(host, { all: true });
    const turn = this.asked.get(host) ?? 0;
    const found = await Promise.allSettled([this.resolver.resolve4(host), this.resolver.resolve6(host)]);
    this.asked.set(host, turn + 1);
    const addresses = found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    if (addresses.length === 0) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
  };

  private answer(query: Buffer): Buffer {
    const { name, end } = nameIn(query);
    const type = TYPES[query.readUInt16BE(end) as keyof typeof TYPES] as 'A' | 'AAAA' | undefined;
    const turns = this.zone.get(name) ?? [];
    const all = turns[Math.min(this.asked.get(name) ?? 0, turns.length - 1)] ?? [];
    const records = all.filter((address) => isIPv4(address) === (type === 'A')).map(recordOf);
    const header = Buffer.from(query.subarray(0, HEADER_BYTES));
    // An authoritative answer; where there is nothing at all, no such name.
    header.writeUInt16BE(all.length > 0 ? 0x8580 : 0x8583, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...records]);
  }
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function recordOf(address: string): Buffer {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : bytesOf(address);
  const head = Buffer.from([0xc0, HEADER_BYTES, 0, isIPv4(address) ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

function bytesOf(address: string): number[] {
  const [start = [], end] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - start.length - (end?.length ?? 0);
  const groups = end === undefined ? start : start.concat(Array<string>(missing).fill('0'), end);
  return groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}
