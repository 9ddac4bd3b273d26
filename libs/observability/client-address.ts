import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Tells the address of a caller: what a trusted proxy says, else that of the connection itself. */
export type ClientAddress = (peer: string | undefined, headers: IncomingHttpHeaders) => string;

export interface ForwardedBy {
  /** IP addresses and CIDR blocks, well-formed (TRUSTED_PROXIES). */
  readonly trustedProxies: readonly string[];
  /** The header that they set themselves (FORWARDED_FOR); no other is read. */
  readonly forwardedFor: 'x-real-ip' | 'x-forwarded-for';
}

/**
 * A header is believed only as far as trusted proxies have written it: `X-Real-IP` from one of them, and of
 * `X-Forwarded-For`, to which each proxy adds whom it heard, the last address that is none of theirs.
 */
export function clientAddressOf({ trustedProxies, forwardedFor }: ForwardedBy): ClientAddress {
  if (trustedProxies.length === 0) return (peer = '') => plainAddress(peer);
  const trusted = new BlockList();
  for (const block of trustedProxies) {
    const [ip = '', prefix] = block.split('/');
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(ip, family);
    else trusted.addSubnet(ip, Number(prefix), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (peer = '', headers) => {
    let address = plainAddress(peer);
    const told = headers[forwardedFor];
    if (typeof told !== 'string') return address;
    const claims = forwardedFor === 'x-real-ip' ? [told] : told.split(',');
    while (isTrusted(address)) {
      const claimed = withoutPort(claims.pop()?.trim() ?? '');
      if (isIP(claimed) === 0) break;
      address = claimed;
    }
    return address;
  };
}

/** IPv4 as such where a socket for both families shows it as IPv6. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Some proxies add the port. */
function withoutPort(claim: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(claim) ?? [];
  return plainAddress(v6 ?? v4 ?? claim);
}
