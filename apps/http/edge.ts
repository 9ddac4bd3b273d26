import type { Config } from '#config';
import { readTls } from './tls-files.js';
import type { TlsFiles } from './tls-files.js';

/** What a listener bears with before any route sees a request. All times are in milliseconds. */
export interface Edge {
  /** Unset: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  readonly headersMaxBytes: number;
  readonly headersMaxCount: number;
  readonly urlMaxBytes: number;
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/**
 * @param onTlsFault told in one sentence of a certificate that was changed and cannot be used.
 * @throws InvalidInput in one sentence when the files of TLS cannot be used.
 */
export function edgeOf(config: Config, onTlsFault: (sentence: string) => void): Edge {
  const { tlsCertFile: cert, tlsKeyFile: key, tlsKeyPassphrase: passphrase } = config;
  return {
    tls: cert === undefined || key === undefined ? undefined : readTls({ cert, key, passphrase }, onTlsFault),
    headersMaxBytes: config.headersMaxBytes,
    headersMaxCount: config.headersMaxCount,
    urlMaxBytes: config.urlMaxBytes,
    maxConnections: config.maxConnections,
    headersTimeoutMs: config.clientHeadersTimeoutMs,
    requestTimeoutMs: config.clientRequestTimeoutMs,
    idleTimeoutMs: config.clientIdleTimeoutMs,
    stallTimeoutMs: config.clientStallTimeoutMs,
  };
}
