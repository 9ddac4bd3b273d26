import ipaddr from 'ipaddr.js';

/** An address as ipaddr.js has it. */
export type Ip = ReturnType<typeof ipaddr.parse>;
/** A block of addresses: its start, and how many bits of it count. */
export type Block = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Who may call an address: `never` nobody, `private` whoever was given the right to call into private networks, `public`
 * everybody.
 */
export interface Reach {
  readonly reach: 'never' | 'private' | 'public';
  /** What addresses of this kind are, as a sentence names one: "a link-local address". */
  readonly kind: string;
}

const PUBLIC: Reach = { reach: 'public', kind: 'a public address' };
const RESERVED: Reach = { reach: 'never', kind: 'a reserved address' };

/**
 * Ranges that are not simply public, the first that holds an address counts.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const RANGES: readonly (Reach & { readonly blocks: readonly Block[] })[] = [
  // Where clouds tell a machine its own credentials: AWS, Google, Azure and most others; Alibaba; Oracle; Azure's host.
  never('a metadata service of a cloud', [
    ...['169.254.169.254/32', '169.254.170.2/32', '100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32'],
    ...['fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128', 'fd00:42::42/128'],
  ]),
  never('a link-local address', ['169.254.0.0/16', 'fe80::/10']),
  never('an unspecified address', ['0.0.0.0/8', '::/128']),
  never('a broadcast address', ['255.255.255.255/32']),
  never('a multicast address', ['224.0.0.0/4', 'ff00::/8']),
  never('an address for documentation', [
    ...['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  ]),
  never('an address for benchmarks', ['198.18.0.0/15', '2001:2::/48']),
  never('a reserved address', ['192.0.0.0/24', '192.88.99.0/24', '240.0.0.0/4']),
  confined('a loopback address', ['127.0.0.0/8', '::1/128']),
  confined('a private address', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']),
  never('a reserved address', ['2001::/23']),
];
/** All that has been given out of IPv6. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

function never(kind: string, blocks: readonly string[]) {
  return { reach: 'never', kind, blocks: blocks.map(blockOf) } as const;
}

function confined(kind: string, blocks: readonly string[]) {
  return { reach: 'private', kind, blocks: blocks.map(blockOf) } as const;
}

/** An address, or several, as `10.0.0.0/8` or `10.0.0.1`. @throws Error when it is neither. */
export function blockOf(text: string): Block {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128] as Block;
}

/** Whether a block holds an address; never of the other version. */
export function holds([start, bits]: Block, address: Ip): boolean {
  // What an address compares itself with is of its own version by then.
  return start.kind() === address.kind() && (address as ipaddr.IPv6).match(start, bits);
}

/** Who may call an address that stands for nothing but itself. */
export function reachOf(address: Ip): Reach {
  const range = RANGES.find(({ blocks }) => blocks.some((block) => holds(block, address)));
  if (range) return range;
  return address.kind() === 'ipv6' && !holds(GLOBAL_UNICAST, address) ? RESERVED : PUBLIC;
}
