import ipaddr from 'ipaddr.js';
import { blockOf, holds } from './networks.js';
import type { Block, Ip } from './networks.js';

/** Where IPv4 addresses stand in an IPv6 one: the bytes of each in order; `inverted` where all bits are turned round. */
interface Form {
  readonly block: Block;
  readonly places: readonly (readonly [number, number, number, number])[];
  readonly inverted?: readonly [number, number, number, number];
}

const LAST = [12, 13, 14, 15] as const;
/** https://www.rfc-editor.org/rfc/rfc6052#section-2.2: of a prefix of 48, 56, 64 and 96 bits; the ninth byte is left out. */
const TRANSLATED = [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], LAST] as const;

const FORMS: readonly Form[] = [
  // Mapped and translated (RFC 4291 and 2765), compatible (RFC 4291, section 2.5.5.1).
  { block: blockOf('::ffff:0:0/96'), places: [LAST] },
  { block: blockOf('::ffff:0:0:0/96'), places: [LAST] },
  { block: blockOf('::/96'), places: [LAST] },
  // NAT64 (RFC 6052), and in a network of one's own (RFC 8215), where the prefix may be longer.
  { block: blockOf('64:ff9b::/96'), places: [LAST] },
  { block: blockOf('64:ff9b:1::/48'), places: TRANSLATED },
  // 6to4 (RFC 3056).
  { block: blockOf('2002::/16'), places: [[2, 3, 4, 5]] },
  // Teredo (RFC 4380): the server, and the client behind it.
  { block: blockOf('2001::/32'), places: [[4, 5, 6, 7]], inverted: LAST },
];

/**
 * The addresses that a connection to this one may come out at: itself, or the IPv4 addresses inside it, all of which must
 * be fit to be called.
 * @param text as a look-up gives it; a zone is no part of the address.
 * @returns none for what is no address.
 */
export function judgedAddresses(text: string): readonly Ip[] {
  const bare = text.replace(/%.*$/s, '');
  if (!ipaddr.isValid(bare)) return [];
  const address = ipaddr.parse(bare);
  // ::1 and :: are themselves, not the IPv4 address 0.0.0.1.
  if (address.kind() === 'ipv4' || /^::1?$/.test(address.toString())) return [address];
  const form = FORMS.find(({ block }) => holds(block, address));
  if (form) return insideOf(form, address.toByteArray());
  return isatap(address.toByteArray()) ?? [address];
}

function insideOf({ places, inverted }: Form, bytes: readonly number[]): readonly Ip[] {
  const inside = places.map((place) => place.map((at) => bytes[at] ?? 0));
  // Where several lengths of the prefix may be meant, the others than the one that is meant often hold nothing.
  const given = inside.filter((four) => places.length === 1 || four.some((byte) => byte !== 0));
  const turned = inverted ? [inverted.map((at) => (bytes[at] ?? 0) ^ 0xff)] : [];
  const found = [...given, ...turned];
  return (found.length > 0 ? found : inside.slice(0, 1)).map((four) => ipaddr.fromByteArray(four));
}

/** https://www.rfc-editor.org/rfc/rfc5214#section-6.1: any network, and an interface that names an IPv4 address. */
function isatap(bytes: readonly number[]): readonly Ip[] | undefined {
  const isOne = ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  if (!isOne) return undefined;
  return [ipaddr.fromByteArray([...bytes]), ipaddr.fromByteArray(bytes.slice(12))];
}
