import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { EgressGuard, Proxies } from '#client-runtime';
import type { HttpCallerOptions, OwnServer } from '#client-runtime';
import { ConfigError } from '#config';
import type { Config } from '#config';
import type { Clock } from '#core';

/** Decides which services a worker may call. */
export function egressGuard(config: Config, clock: Clock): EgressGuard {
  return new EgressGuard({
    clock,
    allowPrivate: config.egressPrivate === 'allow',
    allow: config.egressAllow,
    deny: config.egressDeny,
    ports: config.egressPorts.map(Number),
    servers: ownServers(config),
    ownPorts: [config.apiPort, config.workerPort, config.apidocPort],
  });
}

/**
 * How services are reached.
 * @throws ConfigError when EXTRA_CA cannot be read.
 */
export function waysOut(config: Config): Pick<HttpCallerOptions, 'ca' | 'proxies'> {
  const { httpProxy: http, httpsProxy: https, noProxy: none } = config;
  const hasProxy = http !== undefined || https !== undefined;
  return {
    ...(hasProxy && { proxies: new Proxies({ http, https, none }) }),
    ...(config.extraCa !== undefined && { ca: [...usualAuthorities(), certificatesIn(config.extraCa)] }),
  };
}

/** With those of NODE_EXTRA_CA_CERTS, where Node tells them. */
function usualAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => readonly string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

function certificatesIn(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const got = code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' ? code : 'something else';
    throw new ConfigError([`Expected EXTRA_CA to name a file of certificates in PEM, got ${got} for ${path}.`]);
  }
}

const PORTS: Readonly<Record<string, number>> = {
  ...{ 'amqp:': 5672, 'amqps:': 5671, 'redis:': 6379, 'rediss:': 6379, 'http:': 80, 'https:': 443 },
};

/** What the installation itself lives on. */
function ownServers(config: Config): OwnServer[] {
  const { rabbitmqUrl, redisUrl, s3Endpoint, apiUrl, httpProxy, httpsProxy, otelExporterOtlpEndpoint } = config;
  const addresses = [rabbitmqUrl, redisUrl, s3Endpoint, apiUrl, httpProxy, httpsProxy, otelExporterOtlpEndpoint];
  return [
    ...(config.mongodbUri === undefined ? [] : mongodbServers(config.mongodbUri)),
    ...addresses.flatMap((address) => {
      if (address === undefined || !URL.canParse(address)) return [];
      const { protocol, hostname, port } = new URL(address);
      return [{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || PORTS[protocol]) }];
    }),
  ];
}

/** https://www.mongodb.com/docs/manual/reference/connection-string/ */
function mongodbServers(uri: string): OwnServer[] {
  const [, scheme, hosts = ''] = /^(mongodb(?:\+srv)?):\/\/(?:[^/]*@)?([^/?]*)/.exec(uri) ?? [];
  if (scheme === 'mongodb+srv') return [{ host: `_mongodb._tcp.${hosts}` }];
  return hosts.split(',').map((each) => {
    const [, host = each, port] = /^(.*?)(?::(\d+))?$/.exec(each) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? 27017) };
  });
}
