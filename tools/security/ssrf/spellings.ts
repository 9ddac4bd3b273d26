/** How an IPv4 address may be written in a URL, or hidden in an IPv6 one. */
export function spellings(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const [high, low] = [hex(whole >>> 16, 4), hex(whole & 0xffff, 4)];
  const octal = [a, b, c, d].map((part) => `0${part.toString(8)}`);
  const wide = address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  return [
    address,
    `${address}.`,
    String(whole),
    `0x${hex(whole, 8)}`,
    `0X${hex(whole, 8).toUpperCase()}`,
    `0${whole.toString(8)}`,
    `${a}.${(b << 16) | (c << 8) | d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `0x${hex(a, 2)}.${(b << 16) | (c << 8) | d}`,
    octal.join('.'),
    [a, b, c, d].map((part) => `0x${hex(part, 2)}`).join('.'),
    `0x${hex(a, 2)}.${octal[1] ?? ''}.${c}.${d}`,
    octal.map((part) => `00000${part}`).join('.'),
    wide,
    address.replaceAll('.', '。'),
    address.replaceAll('.', '．'),
    address.replaceAll('.', '%2e'),
    address.replace(/./g, (sign) => `%${hex(sign.charCodeAt(0), 2)}`),
    `user:password@${address}`,
    `public.example@${address}`,
    `[::ffff:${address}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:ffff:${high}:${low}]`,
    `[::${address}]`,
    `[::${high}:${low}]`,
    `[::ffff:0:${high}:${low}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1:${high}:${hex(c, 2)}:${hex(d, 2)}00::]`,
    `[64:ff9b:1::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:808:808:0:0:${hex((whole >>> 16) ^ 0xffff, 4)}:${hex((whole & 0xffff) ^ 0xffff, 4)}]`,
    `[2001:0:${high}:${low}:0:0:f7f7:f7f7]`,
    `[2606:4700::5efe:${high}:${low}]`,
    `[2606:4700::200:5efe:${high}:${low}]`,
  ];
}

/** Hosts that are refused whatever the operator allows of private networks. */
export const NEVER = [
  '169.254.169.254', // AWS, Google, Azure, DigitalOcean and others
  '169.254.170.2', // AWS: containers
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure: the host
  '[fd00:ec2::254]', // AWS over IPv6
  '[fd20:ce::254]', // Google over IPv6
  '[fd00:42::42]', // Scaleway over IPv6
  '169.254.0.1',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '0.0.0.0',
  '0.1.2.3',
  '0',
  '[::]',
  '255.255.255.255',
  '224.0.0.1',
  '239.255.255.250',
  '[ff02::1]',
  '[ff05::2]',
  '240.0.0.1',
  '192.0.0.1',
  '192.88.99.1',
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '198.19.255.255',
  '[2001:db8::1]',
  '[3fff::1]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[100::1]',
  '[5f00::1]',
  '[4000::1]',
];

/** Hosts that are refused unless private networks may be called. */
export const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '127.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '[fc00::1]',
  '[fdff::1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ｌｏｃａｌｈｏｓｔ',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  '①②⑦.⓪.⓪.①',
  '1②7.0.0.1',
];
