import { networkInterfaces } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EgressOptions } from '#client-runtime';
import { TokenSource, planTokens } from '#client-runtime';
import type { HttpCaller } from '#client-runtime';
import type { SecurityScheme } from '#core';
import * as tables from '../../../libs/testing/operation-tables.js';
import { callAt, FRONT, VICTIM } from './range.js';
import type { Attack, Range } from './range.js';
import { NEVER, PRIVATE, spellings } from './spellings.js';

const METADATA = '169.254.169.254';
/** An address that is public, and is never reached: what goes there goes through the proxy. */
const PUBLIC = '93.184.216.34';

const refused = (name: string, call: Attack['call']): Attack => ({ name, ends: 'refused', call });
const served = (name: string, call: Attack['call']): Attack => ({ name, ends: 'served', call });

/** All attacks, in no order that matters. */
export function attacksOn(range: Range): Attack[] {
  return [spelled, named, redirected, tokens, ownServers, proxied, overHttp2, listed].flatMap((make) => make(range));
}

/** Addresses written in every way that a URL can be. */
function spelled(range: Range): Attack[] {
  const open = range.caller({ allowPrivate: true });
  const closed = range.caller({ allow: [] });
  const at = (caller: HttpCaller, host: string) => refused(`http://${host}/`, callAt(caller, `http://${host}/`));
  return [
    ...NEVER.map((host) => at(open, host)),
    ...spellings(METADATA).map((host) => at(open, host)),
    ...spellings('100.100.100.200').map((host) => at(open, host)),
    ...PRIVATE.map((host) => at(closed, host)),
    ...['127.0.0.1', '10.0.0.1', '192.168.1.1', '172.16.5.4'].flatMap(spellings).map((host) => at(closed, host)),
    ...[
      `http:\\\\${VICTIM}\\`,
      `http:/${VICTIM}/`,
      `http:${VICTIM}/`,
      `\thttp://${VICTIM}/`,
      `ht\ntp://${VICTIM}/`,
      `http://${VICTIM.slice(0, 4)}\t${VICTIM.slice(4)}/`,
      `http://${VICTIM}\\@${PUBLIC}/`,
      `http://${PUBLIC}#@${VICTIM}/`.replace(PUBLIC, VICTIM),
      `http://a:b@c@${VICTIM}/`,
      `http://[fe80::1%25eth0]/`,
      `http://[::ffff:${VICTIM}%25lo]/`,
      `http://${VICTIM}%00.example.com/`,
      `http://${VICTIM}%0d%0aHost:x/`,
      `http://[${VICTIM}]/`,
      `//${VICTIM}/`,
      `https://${VICTIM}/`,
      ...['ftp', 'file', 'gopher', 'dict', 'ldap', 'ws', 'wss', 'jar:http', 'data', 'unix', 'http+unix'].map(
        (scheme) => `${scheme}://${VICTIM}/`,
      ),
    ].map((url) => refused(JSON.stringify(url), callAt(closed, url))),
  ];
}

/** Names that are looked up as what may not be called, or as something else each time. */
function named(range: Range): Attack[] {
  const caller = range.caller();
  const open = range.caller({ allowPrivate: true });
  const port = range.victimPort;
  const at = (label: string, ...turns: (readonly string[])[]) =>
    refused(`a name of ${JSON.stringify(turns)}`, callAt(caller, `http://${range.name(label, ...turns)}:${port}/`));
  const mixed = range.name('mixed', [VICTIM, FRONT, '10.0.0.1']);
  const turning = range.name('turning', [FRONT], [VICTIM], [VICTIM]);
  const turns = range.caller();
  const secured = range.name('turning-secured', [FRONT], [VICTIM]);
  return [
    at('victim', [VICTIM]),
    at('both', [VICTIM, '10.0.0.1']),
    at('ipv6', ['::1']),
    at('mapped', [`::ffff:7f00:2`]),
    at('nat64', ['64:ff9b::7f00:2']),
    at('unspecified', ['0.0.0.0']),
    at('unspecified6', ['::']),
    at('ula', ['fd00::1']),
    at('all-bad', ['10.0.0.1', '192.168.0.1', '169.254.169.254', '::1', 'fe80::1']),
    refused('metadata by a name', callAt(open, `http://${range.name('metadata.google.internal', [METADATA])}/`)),
    refused('metadata over IPv6 by a name', callAt(open, `http://${range.name('metadata6', ['fd00:ec2::254'])}/`)),
    served('a name of which one address may be called', callAt(caller, `http://${mixed}:${range.frontPort}/`)),
    // The look-up says one thing when it is checked; a second one is never made.
    served('a name that turns after the check', callAt(turns, `http://${turning}:${range.frontPort}/`)),
    served('the same over the kept connection', async () => {
      // Until then the connection is not kept yet.
      await nextTurn();
      return callAt(turns, `http://${turning}:${range.frontPort}/`)();
    }),
    refused('the same over a new connection', callAt(range.caller(), `http://${turning}:${range.frontPort}/`)),
    refused('the same at another port', callAt(turns, `http://${turning}:${port}/`)),
    refused('a name that turns, over TLS', async () => {
      await callAt(range.caller(), `http://${secured}:${range.frontPort}/`)();
      return callAt(range.caller(), `https://${secured}:${port}/`)();
    }),
    refused('a name that turns between a redirect and its target', () => {
      const name = range.name('turning-redirect', [FRONT], [VICTIM]);
      const location = encodeURIComponent(`307 http://${name}:${port}/`);
      return callAt(range.caller(), `http://${name}:${range.frontPort}/?${location}`)();
    }),
  ];
}

/** Services that send a call elsewhere. */
function redirected(range: Range): Attack[] {
  const caller = range.caller();
  const { front, frontPort, victimPort: port } = range;
  const local = range.name('redirected-local', [VICTIM]);
  const locations = [
    `http://${METADATA}/latest/meta-data/`,
    `http://${VICTIM}:${port}/`,
    `//${VICTIM}:${port}/`,
    `\\\\${VICTIM}:${port}\\`,
    `/\\${VICTIM}:${port}/`,
    `http:\\\\${VICTIM}:${port}/`,
    `http://${FRONT}@${VICTIM}:${port}/`,
    `http://${FRONT}:${frontPort}@${VICTIM}:${port}/`,
    `http://${VICTIM}:${port}\\@${FRONT}:${frontPort}/`,
    `http://127.2:${port}/`,
    `http://0x7f.0x2:${port}/`,
    `http://2130706434:${port}/`,
    `http://[::ffff:${VICTIM}]:${port}/`,
    `http://[::1]:${port}/`,
    `http://${local}:${port}/`,
    `http://10.0.0.1/`,
    `http://0.0.0.0:${port}/`,
    `HTTP://${VICTIM}:${port}/`,
    `https://${VICTIM}:${port}/`,
    `ftp://${VICTIM}/`,
    'file:///etc/passwd',
    `gopher://${VICTIM}:${port}/_GET`,
    `dict://${VICTIM}:${port}/info`,
    'data:text/plain,x',
    'javascript:alert(1)',
    `ws://${VICTIM}:${port}/`,
    'http://',
    'http:///',
    `http://１２７.0.0.2:${port}/`,
    `${front}/?${encodeURIComponent(`302 http://${VICTIM}:${port}/`)}`,
  ];
  return [301, 302, 303, 307, 308].flatMap((status) =>
    locations.map((location) =>
      refused(`${status} to ${location}`, callAt(caller, `${front}/?${encodeURIComponent(`${status} ${location}`)}`)),
    ),
  );
}

/** Token endpoints, as documents and discovery name them. */
function tokens(range: Range): Attack[] {
  const { front, victimPort: port } = range;
  const urls = [
    `http://${METADATA}/token`,
    `http://${VICTIM}:${port}/token`,
    `http://${range.name('token-local', [VICTIM])}:${port}/token`,
    `http://0x7f000002:${port}/token`,
    `http://[::ffff:${VICTIM}]:${port}/token`,
    `http://10.1.2.3/token`,
    `file:///etc/passwd`,
    `//${VICTIM}:${port}/token`,
  ];
  const flow = (tokenUrl: string) => ({ tokenUrl, scopes: [] });
  return urls.flatMap((url) => {
    const schemes: [string, SecurityScheme][] = [
      ['the token URL', { type: 'oauth2', flows: { clientCredentials: flow(url) } }],
      ['discovery at', { type: 'openIdConnect', openIdConnectUrl: url }],
    ];
    return schemes.map(([name, scheme]) =>
      refused(`${name} ${url}`, () => fetchToken(range, range.caller(), front, scheme)),
    );
  });
}

async function fetchToken(range: Range, caller: HttpCaller, url: string, scheme: SecurityScheme): Promise<unknown> {
  const operation = tables.operation({ security: [{ o: [] }] });
  const table = tables.table([operation], { securitySchemes: { o: scheme } });
  const credentials = { o: { clientId: 'me', clientSecret: 'secret' } };
  const plan = planTokens(table, operation, { url, credentials });
  return new TokenSource(caller, range.clock).ready(plan, { timeoutMs: 10_000 });
}

/** The installation itself, where loopback may be called. */
function ownServers(range: Range): Attack[] {
  const { victimPort: port, proxyPort } = range;
  const backend = range.name('backend', ['127.0.0.1']);
  const caller = range.caller({
    allowPrivate: true,
    ownPorts: [port],
    servers: [
      { host: backend, port: proxyPort },
      { host: '10.9.9.9', port: 27017 },
    ],
  });
  const local = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map((own) => own.address));
  const hosts = [
    ...['127.0.0.1', VICTIM, '127.9.9.9', 'localhost', '127.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]'],
    ...['[::127.0.0.1]', '[64:ff9b::127.0.0.1]', range.name('own', ['127.0.0.1']), range.name('own6', ['::1'])],
    ...local.map((address) => (address.includes(':') ? `[${address}]` : address)),
  ];
  const at = (url: string) => refused(`our own ${url}`, callAt(caller, url));
  return [
    ...hosts.map((host) => at(`http://${host}:${port}/`)),
    ...hosts.map((host) => at(`http://${host}:${proxyPort}/`)),
    at(`http://${backend}:${proxyPort}/`),
    at(`https://${backend}:${proxyPort}/`),
    at('http://10.9.9.9:27017/'),
    at('http://[::ffff:10.9.9.9]:27017/'),
    at(`http://${range.name('database', ['10.9.9.9'])}:27017/`),
    refused(
      'our own by a redirect',
      callAt(caller, `${range.front}/?${encodeURIComponent(`307 http://127.0.0.1:${port}/`)}`),
    ),
  ];
}

/** Through a proxy: it must not be asked for what may not be called, nor for a name. */
function proxied(range: Range): Attack[] {
  const { frontPort } = range;
  const at = (host: string, egress: Partial<EgressOptions> = {}) =>
    refused(`through a proxy http://${host}/`, callAt(range.proxied(egress), `http://${host}/`));
  const reached = (host: string, port: number, want: string) => async () => {
    await callAt(range.proxied(), `http://${host}:${port}/`)();
    const asked = range.connected.at(-1);
    if (asked !== want) throw new Error(`The proxy was asked to connect to ${asked ?? 'nothing'}, not to ${want}.`);
  };
  return [
    ...spellings(METADATA)
      .slice(0, 12)
      .map((host) => at(host, { allowPrivate: true })),
    ...['10.0.0.1', '[::1]', range.name('proxied-local', [VICTIM]), VICTIM].map((host) => at(host)),
    at(range.name('proxied-metadata', [METADATA])),
    at(range.name('proxied-private', ['10.0.0.1'])),
    served(
      'a proxy is asked for an address',
      reached(range.name('proxied-public', [PUBLIC], ['10.0.0.1']), frontPort, `${PUBLIC}:${frontPort}`),
    ),
    served(
      'a proxy is asked for the address that may be called',
      reached(range.name('proxied-mixed', ['10.0.0.1', PUBLIC]), frontPort, `${PUBLIC}:${frontPort}`),
    ),
    refused('through a proxy, a redirect to metadata', () => {
      const location = encodeURIComponent(`302 http://${METADATA}/`);
      return callAt(range.proxied(), `http://${range.name('proxied-far', [PUBLIC])}:${frontPort}/?${location}`)();
    }),
    refused('the proxy itself', () => {
      const servers = [{ host: FRONT, port: range.proxyPort }];
      return callAt(range.proxied({ servers, allowPrivate: true }), `http://${FRONT}:${range.proxyPort}/`)();
    }),
  ];
}

/** Connections that many requests share. */
function overHttp2(range: Range): Attack[] {
  const { url } = range.http2;
  const port = Number(new URL(url).port);
  const caller = range.caller();
  const to = (status: number, location: string) => `${url}/?${encodeURIComponent(`${status} ${location}`)}`;
  const sameAddress = range.name('same-address', [VICTIM]);
  return [
    served('HTTP/2 itself', callAt(caller, `${url}/`)),
    // Its answer names another place, which is not for us to go to.
    served('HTTP/2 after Alt-Svc', callAt(caller, `${url}/`)),
    ...[
      `http://${METADATA}/`,
      `https://${VICTIM}:${port}/`,
      `https://${sameAddress}:${port}/`,
      'file:///etc/passwd',
    ].flatMap((location) =>
      [301, 307].map((status) => refused(`HTTP/2 ${status} to ${location}`, callAt(caller, to(status, location)))),
    ),
    refused('another name of the same port', callAt(caller, `https://${sameAddress}:${port}/`)),
    refused('the open connection by another address', callAt(caller, `https://${VICTIM}:${port}/`)),
  ];
}

/** What the operator's lists say, and what they do not. */
function listed(range: Range): Attack[] {
  const { frontPort } = range;
  const allowing = range.caller({ allow: ['service.test', '*.inner.test'] });
  const denying = range.caller({ allowPrivate: true, deny: ['127.0.0.0/8', 'denied.test', '*.denied.test'] });
  const ports = range.caller({ allowPrivate: true, ports: [443, 8443] });
  const at = (caller: HttpCaller, label: string, address = FRONT) =>
    callAt(caller, `http://${range.name(label, [address])}:${frontPort}/`);
  return [
    served('a private host that is allowed by name', at(allowing, 'service')),
    served('a private host below a name that is allowed', at(allowing, 'a.inner')),
    ...['evilservice', 'service.evil', 'inner', 'ainner', 'x.service'].map((label) =>
      refused(`a name like one that is allowed: ${label}.test`, at(allowing, label)),
    ),
    refused('metadata by a name that is allowed', at(range.caller({ allow: ['rogue.test'] }), 'rogue', METADATA)),
    refused(
      'metadata by a network that is allowed',
      callAt(range.caller({ allow: ['0.0.0.0/0', '::/0'] }), `http://${METADATA}/`),
    ),
    refused('a network that is denied', callAt(denying, range.front)),
    refused('a network that is denied, mapped', callAt(denying, `http://[::ffff:7f00:1]:${frontPort}/`)),
    refused('a network that is denied, by name', at(denying, 'elsewhere')),
    refused('a name that is denied', callAt(denying, `http://${range.name('denied', [PUBLIC])}/`)),
    refused('a name that is denied, with a dot', callAt(denying, `http://${range.name('denied', [PUBLIC])}./`)),
    refused('a name that is denied, in upper case', callAt(denying, 'http://DENIED.TEST/')),
    refused('a name below one that is denied', callAt(denying, `http://${range.name('a.denied', [PUBLIC])}/`)),
    refused('what is denied and allowed', callAt(range.caller({ deny: [FRONT], allow: [FRONT] }), range.front)),
    refused('a port that is not listed', callAt(ports, range.front)),
    refused('the usual port where it is not listed', callAt(ports, `http://${PUBLIC}/`)),
  ];
}
