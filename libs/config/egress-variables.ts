import { address, choice, hosts, ports, text } from './variable.js';
import type { Role } from './variable.js';

const ALL: readonly Role[] = ['standalone', 'api', 'worker', 'apidoc'];
const WORKER: readonly Role[] = ['standalone', 'worker'];

/** What workers call, and by which way. */
export const EGRESS_VARIABLES = {
  EGRESS_PRIVATE: choice({
    section: 'Egress',
    roles: WORKER,
    choices: ['allow', 'deny'],
    whenUnset: 'allow, but deny when NODE_ENV is production',
    example: 'deny',
    description:
      'Whether services on loopback and in private networks (RFC 1918, RFC 4193, RFC 6598) may be called. Addresses that are link-local, multicast, reserved or for the metadata of clouds never are, nor are our own servers.',
  }),
  EGRESS_ALLOW: hosts({
    section: 'Egress',
    roles: WORKER,
    default: [] as readonly string[],
    description: 'What may be called though it is private: host names, `*.example.com`, IP addresses and CIDR blocks.',
  }),
  EGRESS_DENY: hosts({
    section: 'Egress',
    roles: WORKER,
    default: [] as readonly string[],
    description:
      'What is never called, whatever else is said, in the same words. A name stops nobody from calling its address by another.',
  }),
  EGRESS_PORTS: ports({
    section: 'Egress',
    roles: WORKER,
    default: [] as readonly string[],
    description: 'The only ports of services that are called, such as `80,443`. Empty: all.',
  }),
  HTTP_PROXY: address({
    section: 'Egress',
    roles: WORKER,
    schemes: ['http', 'https'],
    whenUnset: 'http services are called directly',
    example: 'http://proxy:3128',
    description: 'The proxy through which http services are called, by CONNECT to an address that has been checked.',
  }),
  HTTPS_PROXY: address({
    section: 'Egress',
    roles: WORKER,
    schemes: ['http', 'https'],
    whenUnset: 'https services are called directly',
    example: 'http://proxy:3128',
    description: 'The same for https services.',
  }),
  NO_PROXY: hosts({
    section: 'Egress',
    roles: WORKER,
    default: [] as readonly string[],
    shape: /^(\*|\.?(\*\.)?[\p{L}\p{N}_.-]+(:\d{1,5})?)$/u,
    expected: 'host names, IP addresses or CIDR blocks joined by commas, or *',
    description:
      'What is called without a proxy: names stand for those below them too; `*` for all. Loopback never needs one.',
  }),
  EXTRA_CA: text({
    section: 'Egress',
    roles: WORKER,
    whenUnset: 'only the usual authorities are trusted',
    example: '/etc/ssl/our-ca.pem',
    description:
      'A file of certificates in PEM that are trusted beside the usual authorities when services are called.',
  }),
  NODE_TLS_REJECT_UNAUTHORIZED: text({
    section: 'Egress',
    roles: ALL,
    whenUnset: 'certificates are checked',
    example: '1',
    shape: /^(?!0$)/,
    expected: 'anything but 0, since certificate checks cannot be switched off (EXTRA_CA trusts an authority of yours)',
    description: "Node.js's own switch for certificate checks; a process with 0 does not start.",
  }),
};
