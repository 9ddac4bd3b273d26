import type { LookupAddress } from 'node:dns';
import type { Proxy, ProxyChoice } from '../http/tunnel.js';
import { hostName } from './host-list.js';
import { judgedAddresses } from './judged-addresses.js';
import { blockOf, holds, reachOf } from './networks.js';
import type { Block } from './networks.js';

interface ProxyOptions {
  /** For http services: an address of scheme http or https. */
  readonly http?: string | undefined;
  /** For https services. */
  readonly https?: string | undefined;
  /**
   * What is called without: `*` for all, a host name for itself and those below it, an IP address or CIDR block; each but
   * a block may end with a port.
   */
  readonly none?: readonly string[] | undefined;
}

interface Exception {
  readonly name: string;
  readonly port: number | undefined;
  readonly block: Block | undefined;
}

/**
 * Which proxy a service is called through, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. Never one for loopback: the
 * proxy's own would be meant.
 */
export class Proxies implements ProxyChoice {
  private readonly http: Proxy | undefined;
  private readonly https: Proxy | undefined;
  private readonly exceptions: readonly Exception[];

  constructor({ http, https, none = [] }: ProxyOptions) {
    this.http = http === undefined ? undefined : proxyOf(http);
    this.https = https === undefined ? undefined : proxyOf(https);
    this.exceptions = none.map(exceptionOf);
  }

  proxyFor(secure: boolean, host: string, port: number, addresses: readonly LookupAddress[]): Proxy | undefined {
    const proxy = secure ? this.https : this.http;
    if (!proxy) return undefined;
    const judged = addresses.flatMap(({ address }) => judgedAddresses(address));
    if (judged.some((address) => reachOf(address).kind === 'a loopback address')) return undefined;
    const name = hostName(host);
    const isExcepted = this.exceptions.some((exception) => {
      if (exception.port !== undefined && exception.port !== port) return false;
      const { block } = exception;
      if (block) return judged.some((address) => holds(block, address));
      return exception.name === '*' || name === exception.name || name.endsWith(`.${exception.name}`);
    });
    return isExcepted ? undefined : proxy;
  }
}

function proxyOf(address: string): Proxy {
  const { protocol, hostname, port, username, password } = new URL(address);
  const secure = protocol === 'https:';
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    secure,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (secure ? 443 : 80)),
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user, 'utf8').toString('base64')}`,
  };
}

function exceptionOf(entry: string): Exception {
  const [, host = entry, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  const isBlock = /^[\d.]+(\/\d+)?$|:/.test(host);
  return {
    name: host === '*' ? host : hostName(host.replace(/^(\*?\.)/, '')),
    port: port === undefined ? undefined : Number(port),
    block: isBlock ? blockOf(host) : undefined,
  };
}
