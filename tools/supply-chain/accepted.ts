import type { Acceptance } from './judge.js';

const PASSAGE = 'apps/apidoc/apidoc.spec.ts';

/** All of them are about the passage of the documentation's server to the API. */
export const ACCEPTED: readonly Acceptance[] = [
  {
    name: '@fastify/reply-from',
    version: '12.6.5',
    mendedBy: '12.7.0',
    advisory: 'CVE-2026-107318, the certificate of the server that a call is passed on to is not checked',
    reason: 'The passage hands over an agent of its own, which checks it.',
    keptBy: [
      {
        file: PASSAGE,
        test: 'over TLS it takes the certificate of this installation, whatever its name, and no other',
      },
    ],
  },
  {
    name: '@fastify/reply-from',
    version: '12.6.5',
    mendedBy: '12.9.1',
    advisory: 'CVE-2026-133212, a length is passed on without the body that it tells of',
    reason:
      'GET and HEAD go on without a length, TRACE does not go on at all, and all other methods with their bodies.',
    keptBy: [
      { file: 'apps/apidoc/passage/passed-headers.spec.ts', test: 'a %s is passed on without what describes a body' },
      { file: PASSAGE, test: '%s is passed on as one call, and tells of no body that does not follow' },
      { file: PASSAGE, test: '%s is not passed on' },
    ],
  },
  {
    name: '@fastify/http-proxy',
    version: '11.6.3',
    mendedBy: '11.6.6',
    advisory: 'CVE-2026-120213, an encoded parameter of the prefix leads out of it',
    reason: 'The prefix of the passage is /v1/api, without a parameter.',
    keptBy: [
      { file: PASSAGE, test: 'a call stays below the address of the API, however it is spelled' },
      { file: PASSAGE, test: 'nobody escapes from /v1/api' },
    ],
  },
];
