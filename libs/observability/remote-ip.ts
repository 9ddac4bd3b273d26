import { BlockList, isIP } from 'node:net';

/** Tells the address of a caller: X-Real-IP when a trusted proxy says it, else that of the connection itself. */
export type RemoteIp = (peer: string | undefined, realIp: string | readonly string[] | undefined) => string;

/**
 * @param trustedProxies IP addresses and CIDR blocks, well-formed (TRUSTED_PROXIES).
 */
export function remoteIpOf(trustedProxies: readonly string[]): RemoteIp {
  const trusted = new BlockList();
  for (const block of trustedProxies) {
    const [ip = '', prefix] = block.split('/');
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(ip, family);
    else trusted.addSubnet(ip, Number(prefix), family);
  }
  return (peer = '', realIp) => {
    const address = plainAddress(peer);
    if (typeof realIp !== 'string' || trustedProxies.length === 0) return address;
    const claimed = plainAddress(realIp.trim());
    const isTrusted = isIP(claimed) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
    return isTrusted ? claimed : address;
  };
}

/** IPv4 as such where a socket for both families shows it as IPv6. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
